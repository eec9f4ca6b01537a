import { CryptoError } from '../errors.ts'

/** Failures of a card. None holds a key, a PIN or data. */
export abstract class CardError extends CryptoError {
  /** Which card, by its name. */
  readonly card: string

  constructor(card: string, message: string, options?: ErrorOptions) {
    super(`card ${card}: ${message}`, options)
    this.card = card
  }
}

/** Why a library could not be used. */
export type CardLibraryReason =
  /** The npm package of the driver is not installed. */
  | 'package-missing'
  /** There is no such file. */
  | 'library-missing'
  /** The file is no library of this machine's kind. */
  | 'wrong-architecture'
  /** It has not all functions that the driver needs. */
  | 'symbol-missing'
  /** It was loaded, and does not start. */
  | 'not-starting'

/** A card's library cannot be loaded or does not start. */
export class CardLibraryError extends CardError {
  override readonly name = 'CardLibraryError'
  readonly code = 'CARD_LIBRARY'
  readonly reason: CardLibraryReason

  constructor(card: string, reason: CardLibraryReason, message: string, options?: ErrorOptions) {
    super(card, message, options)
    this.reason = reason
  }
}

/** The library works, but has no such device, slot or token, or it cannot be opened. */
export class CardAbsentError extends CardError {
  override readonly name = 'CardAbsentError'
  readonly code = 'CARD_ABSENT'
}

/** A card does not let this user in. It was asked once and is not asked again with the same PIN. */
export class CardPinError extends CardError {
  override readonly name = 'CardPinError'
  readonly code = 'CARD_PIN'
  /** `last-try`: one more wrong PIN would lock the card, so it was not asked. */
  readonly reason: 'wrong' | 'locked' | 'missing' | 'last-try'
  /** Tries left before the card locks, where the card says so; null where it does not. */
  readonly remainingTries: number | null

  constructor(
    card: string,
    failure: Pick<CardPinError, 'reason' | 'remainingTries'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(card, message, options)
    this.reason = failure.reason
    this.remainingTries = failure.remainingTries
  }
}

/** The card does not have this algorithm or operation. */
export class CardUnsupportedError extends CardError {
  override readonly name = 'CardUnsupportedError'
  readonly code = 'CARD_UNSUPPORTED'
}

/** The card gave a wrong answer to a question whose answer is known, so what it computes is not used. */
export class CardSelfTestError extends CardError {
  override readonly name = 'CardSelfTestError'
  readonly code = 'CARD_SELF_TEST'
  /** Names the vector, with its source. */
  readonly vector: string

  constructor(card: string, vector: string, message: string, options?: ErrorOptions) {
    super(card, message, options)
    this.vector = vector
  }
}

/** All sessions are taken and the queue is full. The same call can succeed later. */
export class CardBusyError extends CardError {
  override readonly name = 'CardBusyError'
  readonly code = 'CARD_BUSY'
}

/** The card went away in the middle: unplugged, reset, or its connection broke. Its session keys are gone. */
export class CardLostError extends CardError {
  override readonly name = 'CardLostError'
  readonly code = 'CARD_LOST'
}

/** The card was closed by the program before or during the call. */
export class CardClosedError extends CardError {
  override readonly name = 'CardClosedError'
  readonly code = 'CARD_CLOSED'
}

/** A key that cannot be used: destroyed, of another card, damaged while wrapped, or not allowed for this. */
export class CardKeyError extends CardError {
  override readonly name = 'CardKeyError'
  readonly code = 'CARD_KEY'
}

/** The device refused or failed an operation for another reason. */
export class CardFailureError extends CardError {
  override readonly name = 'CardFailureError'
  readonly code = 'CARD_FAILED'
  /** The native function. */
  readonly operation: string
  /** The number that it returned. */
  readonly status: number

  constructor(
    card: string,
    failure: Pick<CardFailureError, 'operation' | 'status'>,
    message: string,
    options?: ErrorOptions,
  ) {
    super(card, message, options)
    this.operation = failure.operation
    this.status = failure.status
  }
}
