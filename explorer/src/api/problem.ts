/** Why the gateway's answer is not there. */
export type ProblemKind = 'network' | 'not-found' | 'refused' | 'shape'

/** A question to the gateway that got no usable answer. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly kind: ProblemKind
  /** The gateway's own code; null where it gave none. */
  readonly code: string | null

  /** @param detail - the gateway's sentence for people, where it gave one. */
  constructor(kind: ProblemKind, detail: string, code: string | null = null, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.code = code
  }
}
