/** Bits of PKIFailureInfo (RFC 3161 section 2.4.2). */
export const FAILURE_BITS = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  systemFailure: 25,
} as const

export type TimestampFailure = keyof typeof FAILURE_BITS

/** Why no timestamp is given, for the answer to say. */
export class TimestampRefusal extends Error {
  override readonly name = 'TimestampRefusal'
  readonly failure: TimestampFailure

  constructor(failure: TimestampFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.failure = failure
  }
}
