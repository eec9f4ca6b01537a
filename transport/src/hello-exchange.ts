import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import {
  type Admission,
  checkHello,
  createHello,
  type HelloClaims,
  type HelloParties,
  type HelloSelf,
} from './hello.ts'
import type { RawConnection, RawStream } from './raw-connection.ts'
import type { CallOptions } from './transport.ts'

export interface HelloExchangeOptions {
  localPeerId: string
  self: () => HelloSelf
  admit: Admission
  software: string
  helloTimeoutMs: number
  clock: Clock
}

/** Both sides of the first stream of a connection: each says who it is and asks whether the other is admitted. */
export class HelloExchange {
  readonly #options: HelloExchangeOptions

  constructor(options: HelloExchangeOptions) {
    this.#options = options
  }

  /** Says hello first. @returns who answered, and how long the answer took. */
  async introduce(
    connection: RawConnection,
    options: CallOptions,
  ): Promise<{ claims: HelloClaims; roundTripMs: number }> {
    const { clock, helloTimeoutMs } = this.#options
    const signal = deadlineOf(helloTimeoutMs, options.signal)
    const self = this.#options.self()
    const stream = await connection.openStream('hello', { signal })
    try {
      const sentMs = clock.monotonicMs()
      await stream.send(this.#helloOf(self, connection), { signal })
      const frame = await receiveHello(stream, signal, options.signal)
      const roundTripMs = clock.monotonicMs() - sentMs
      const got = { self, frame, direction: 'outbound' } as const
      const claims = await this.#check(connection, got, signal)
      await stream.close()
      return { claims, roundTripMs }
    } catch (error) {
      stream.abort(error instanceof Error ? error : new Error('hello failed'))
      throw error
    }
  }

  /**
   * Answers a hello.
   *
   * @param onAdmitted - called before the answer goes out; what it throws refuses the peer.
   */
  async answer(
    connection: RawConnection,
    stream: RawStream,
    onAdmitted: (claims: HelloClaims) => void,
  ): Promise<void> {
    const signal = deadlineOf(this.#options.helloTimeoutMs)
    const self = this.#options.self()
    const frame = await receiveHello(stream, signal)
    onAdmitted(await this.#check(connection, { self, frame, direction: 'inbound' }, signal))
    await stream.send(this.#helloOf(self, connection), { signal })
  }

  async #check(
    connection: RawConnection,
    got: { self: HelloSelf; frame: Uint8Array; direction: HelloClaims['direction'] },
    signal: AbortSignal,
  ): Promise<HelloClaims> {
    const claims = checkHello({
      frame: got.frame,
      parties: this.#partiesOf(connection),
      deployment: got.self.deployment,
      direction: got.direction,
    })
    await this.#options.admit(claims, { signal })
    return claims
  }

  #helloOf(self: HelloSelf, connection: RawConnection): Uint8Array {
    return createHello(self, this.#partiesOf(connection), this.#options.software)
  }

  #partiesOf({ remotePeerId }: RawConnection): HelloParties {
    const { localPeerId, clock } = this.#options
    return { localPeerId, remotePeerId, nowMs: clock.nowMs() }
  }
}

function deadlineOf(timeoutMs: number, signal?: AbortSignal): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs)
  return signal === undefined ? deadline : AbortSignal.any([deadline, signal])
}

async function receiveHello(
  stream: RawStream,
  signal: AbortSignal,
  callerSignal?: AbortSignal,
): Promise<Uint8Array> {
  let frame: Uint8Array | null
  try {
    frame = await stream.receive({ signal })
  } catch (cause) {
    if (!isOrlopError(cause, 'ABORTED') || callerSignal?.aborted === true) throw cause
    throw new OrlopError('TIMEOUT', 'The other side said no hello in time. Try again later.', {
      cause,
    })
  }
  if (frame !== null) return frame
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    'The other side ended the hello without saying one. Check that both sides run the same version.',
  )
}
