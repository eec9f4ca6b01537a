import { OrlopError } from '@orlop/protocol/errors'

/** A card is required and cannot be used. @param card - its name */
export function cardUnavailable(message: string, card: string, cause?: unknown): OrlopError {
  return new OrlopError('CARD_UNAVAILABLE', message, { details: { card }, cause })
}
