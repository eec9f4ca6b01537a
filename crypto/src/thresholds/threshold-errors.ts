import { CryptoError } from '../errors.ts'

/** Shares of a secret that cannot be joined. */
export class ShareError extends CryptoError {
  override readonly name = 'ShareError'
  readonly code = 'SHARE'
  readonly reason: 'damaged' | 'other-set' | 'too-few'
  /** The shares meant, by their index from 1; for `too-few` those that are there. */
  readonly indices: readonly number[]

  constructor(reason: ShareError['reason'], indices: readonly number[], message: string) {
    super(message)
    this.reason = reason
    this.indices = indices
  }
}

/** A party of a joint computation sent what it cannot have come to honestly. */
export class PartyError extends CryptoError {
  override readonly name = 'PartyError'
  readonly code = 'PARTY'
  /** From 1. */
  readonly party: number

  constructor(party: number, message: string, options?: ErrorOptions) {
    super(`party ${String(party)}: ${message}`, options)
    this.party = party
  }
}
