import { OrlopError } from '@orlop/protocol/errors'
import type { HelloClaims } from './hello.ts'
import type { RawConnection } from './raw-connection.ts'
import type { Timer } from './timers.ts'
import type { Peer } from './transport.ts'

/** A connection, and how far it has come. */
export interface Hosted {
  readonly connection: RawConnection
  /** Set once hello is done. */
  peer: Peer | null
  /** What hello proved. */
  claims: HelloClaims | null
  helloBegun: boolean
  /** From when on the other side's hello counts, on the monotonic clock. */
  heardMs: number
  /** When this side said hello last. */
  said: { monotonicMs: number; wallMs: number }
  /** When this side answered a hello last, on the monotonic clock. */
  answeredMs: number
  /** A hello that this side says anew. */
  renewing: Promise<void> | null
  /** Until when, on the monotonic clock, a hello that could not be said anew is not tried again while the last is good. */
  renewNotBeforeMs: number
  streams: number
  /** Ends the connection unless it is cleared. */
  deadline: Timer | null
}

/** The open connections of a transport, the oldest first, and how many of a kind there may be. */
export class HostedConnections {
  readonly #hosted = new Map<RawConnection, Hosted>()

  get(connection: RawConnection): Hosted | null {
    return this.#hosted.get(connection) ?? null
  }

  all(): Hosted[] {
    return [...this.#hosted.values()]
  }

  add(connection: RawConnection): Hosted {
    const hosted: Hosted = {
      connection,
      peer: null,
      claims: null,
      helloBegun: false,
      heardMs: -Infinity,
      said: { monotonicMs: -Infinity, wallMs: -Infinity },
      answeredMs: -Infinity,
      renewing: null,
      renewNotBeforeMs: -Infinity,
      streams: 0,
      deadline: null,
    }
    this.#hosted.set(connection, hosted)
    return hosted
  }

  forget(connection: RawConnection): void {
    const hosted = this.#hosted.get(connection)
    if (hosted === undefined) return
    if (hosted.deadline !== null) clearTimeout(hosted.deadline)
    this.#hosted.delete(connection)
  }

  /** An open connection to `peerId` that is past hello. */
  peerOf(peerId: string): Peer | null {
    for (const { connection, peer } of this.#hosted.values()) {
      if (peer !== null && connection.remotePeerId === peerId && connection.isOpen) return peer
    }
    return null
  }

  /**
   * Over all connections: a peer does not get more attention by connecting more often, nor an account by doing so under other peer ids.
   * Guests have no account that costs anything, so theirs does not count.
   */
  streamsOf({ peerId, role, account }: HelloClaims): { peer: number; account: number } {
    const open = { peer: 0, account: 0 }
    for (const { connection, claims, streams } of this.#hosted.values()) {
      const isOfPeer = connection.remotePeerId === peerId
      const isOfAccount = role !== 'guest' && claims?.role === role && claims.account === account
      if (isOfPeer) open.peer += streams
      if (isOfPeer || isOfAccount) open.account += streams
    }
    return open
  }

  /** Whether one more connection of a kind may come; the oldest idle one makes way for it. */
  makeRoom(isOfKind: (hosted: Hosted) => boolean, most: number): boolean {
    const ofKind = this.all().filter(isOfKind)
    if (ofKind.length < most) return true
    const idle = ofKind.find(({ streams }) => streams === 0)
    if (idle === undefined) return false
    this.forget(idle.connection)
    idle.connection.abort(tooMany(`${most} connections of this kind`))
    return true
  }
}

/** What a peer is told that there is no room for. */
export function tooMany(what: string): OrlopError {
  return new OrlopError('PEER_LIMIT', `There is room for ${what} here. Close some, or try later.`)
}
