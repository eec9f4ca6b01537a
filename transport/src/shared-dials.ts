import { abandonable } from '@orlop/protocol/abandonable'
import { OrlopError } from '@orlop/protocol/errors'
import type { PeerHost } from './peer-host.ts'
import type { CallOptions, Peer, PeerAddress } from './transport.ts'

/** Callers that want the same peer at the same time share one connection; each may give up alone. */
export class SharedDials {
  readonly #host: PeerHost
  readonly #underWay = new Map<string, Promise<Peer>>()
  readonly #stopping = new AbortController()

  constructor(host: PeerHost) {
    this.#host = host
  }

  /** The open connection to that peer, or the one being made, or a new one made by `connect`. */
  async dial(
    { peerId }: PeerAddress,
    options: CallOptions,
    connect: (signal: AbortSignal) => Promise<Peer>,
  ): Promise<Peer> {
    const open = this.#host.peerOf(peerId)
    if (open !== null) return open
    let dialling = this.#underWay.get(peerId)
    if (dialling === undefined) {
      dialling = connect(this.#stopping.signal).finally(() => {
        this.#underWay.delete(peerId)
      })
      this.#underWay.set(peerId, dialling)
    }
    return abandonable(dialling, { signal: options.signal, what: 'Dialling' })
  }

  stop(): void {
    this.#stopping.abort(new OrlopError('ABORTED', 'The transport stops.'))
  }
}
