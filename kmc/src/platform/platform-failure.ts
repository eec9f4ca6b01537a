import { CardBusyError, CardError } from '@orlop/crypto/cards/card-errors'
import { AuthenticationError } from '@orlop/crypto/errors'
import { KmcError } from '../kmc-error.ts'

/** A failure of cards and ciphers as the centre tells it; everything else as it was. */
export function platformFailure(error: unknown): unknown {
  if (error instanceof AuthenticationError) {
    return new KmcError(
      'NOT_AUTHENTIC',
      'What was sent does not open with this key: it was changed, or was made with another key or other additional data.',
      { cause: error },
    )
  }
  if (error instanceof CardBusyError) {
    return new KmcError(
      'QUOTA_EXCEEDED',
      'The application has as much work under way and waiting as it may. Send less at a time.',
      { cause: error },
    )
  }
  if (error instanceof CardError) {
    return new KmcError(
      'CARD_UNAVAILABLE',
      'No card of the centre can do this now. Try again; if it stays so, tell its operator.',
      { cause: error },
    )
  }
  return error
}
