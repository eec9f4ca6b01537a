import type { Clock } from '@orlop/protocol/clock'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import {
  type Admission,
  type CheckedHello,
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
  helloToleranceMs: number
  clock: Clock
}

interface Asking {
  connection: RawConnection
  stream: RawStream
  self: HelloSelf
  direction: HelloClaims['direction']
}

interface HelloGot {
  self: HelloSelf
  frame: Uint8Array
  direction: HelloClaims['direction']
}

/**
 * Both sides of a hello: each says who it is and asks whether the other is admitted. A hello names the time, and is taken only near the
 * answerer's: whoever kept one cannot use it later. Whose clock is wrong says it again in the answerer's time, which the answerer signed.
 */
export class HelloExchange {
  readonly #options: HelloExchangeOptions

  constructor(options: HelloExchangeOptions) {
    this.#options = options
  }

  /** Says hello first. @returns who answered, and how long the answer took. */
  async introduce(
    connection: RawConnection,
    options: CallOptions & { direction: HelloClaims['direction'] },
  ): Promise<{ claims: HelloClaims; roundTripMs: number }> {
    const { clock, helloTimeoutMs } = this.#options
    const { direction } = options
    const signal = deadlineOf(helloTimeoutMs, options.signal)
    const self = this.#options.self()
    const stream = await connection.openStream('hello', { signal })
    try {
      const sentMs = clock.monotonicMs()
      const asking = { connection, stream, self, direction }
      const waiting = { signal, callerSignal: options.signal }
      const { claims, wantsFreshTime } = await this.#ask(asking, 0, waiting)
      const roundTripMs = clock.monotonicMs() - sentMs
      await this.#options.admit(claims, { signal })
      if (wantsFreshTime) {
        // The time of a peer that is admitted, signed by it: nobody else can have this side sign for a time to come.
        const again = await this.#ask(asking, claims.clockSkewMs, waiting)
        assertSameParty(claims, again.claims)
      }
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
   * @param options - `onAdmitted` is called before the answer goes out; what it throws refuses the peer.
   */
  async answer(
    connection: RawConnection,
    stream: RawStream,
    options: {
      direction: HelloClaims['direction']
      onAdmitted: (claims: HelloClaims) => void
    },
  ): Promise<void> {
    const { direction, onAdmitted } = options
    const signal = deadlineOf(this.#options.helloTimeoutMs)
    const self = this.#options.self()
    let frame = await receiveHello(stream, signal)
    let { claims } = this.#check(connection, { self, frame, direction })
    if (!this.#isTimely(claims)) {
      await stream.send(this.#helloOf(self, connection, { wantsFreshTime: true }), { signal })
      frame = await receiveHello(stream, signal)
      const again = this.#check(connection, { self, frame, direction })
      assertSameParty(claims, again.claims)
      ;({ claims } = again)
    }
    if (!this.#isTimely(claims)) throw untimely(this.#options.helloToleranceMs)
    await this.#options.admit(claims, { signal })
    onAdmitted(claims)
    await stream.send(this.#helloOf(self, connection), { signal })
  }

  /** Sends a hello and checks the one that comes back. @param aheadMs - how far its time is from our clock. */
  async #ask(
    asking: Asking,
    aheadMs: number,
    { signal, callerSignal }: { signal: AbortSignal; callerSignal: AbortSignal | undefined },
  ): Promise<CheckedHello> {
    const { connection, stream, self, direction } = asking
    await stream.send(this.#helloOf(self, connection, { aheadMs }), { signal })
    const frame = await receiveHello(stream, signal, callerSignal)
    return this.#check(connection, { self, frame, direction })
  }

  #check(connection: RawConnection, { self, frame, direction }: HelloGot): CheckedHello {
    const { deployment } = self
    return checkHello({ frame, parties: this.#partiesOf(connection), deployment, direction })
  }

  #isTimely({ clockSkewMs }: HelloClaims): boolean {
    return Math.abs(clockSkewMs) <= this.#options.helloToleranceMs
  }

  #helloOf(
    self: HelloSelf,
    connection: RawConnection,
    { aheadMs = 0, wantsFreshTime = false } = {},
  ): Uint8Array {
    const parties = this.#partiesOf(connection)
    const { software } = this.#options
    const nowMs = Math.max(0, Math.round(parties.nowMs + aheadMs))
    return createHello(self, { ...parties, nowMs }, { software, wantsFreshTime })
  }

  #partiesOf({ remotePeerId }: RawConnection): HelloParties {
    const { localPeerId, clock } = this.#options
    return { localPeerId, remotePeerId, nowMs: clock.nowMs() }
  }
}

/** @throws OrlopError `SIGNATURE_INVALID` when two hellos of one exchange are not of the same party. */
function assertSameParty(first: HelloClaims, second: HelloClaims): void {
  const isSame =
    first.account === second.account && first.role === second.role && first.id === second.id
  if (isSame) return
  throw new OrlopError(
    'SIGNATURE_INVALID',
    'Two hellos of one exchange are not of the same party. Connect again.',
  )
}

function untimely(toleranceMs: number): OrlopError {
  return new OrlopError(
    'TIMEOUT',
    `The time in the hello is more than ${toleranceMs / 1000} s from the time here, also after it was asked for again. ` +
      'A hello is good for the moment in which it is said; connect and say a new one.',
  )
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
