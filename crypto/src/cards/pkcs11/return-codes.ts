import {
  CardAbsentError,
  CardBusyError,
  type CardError,
  CardFailureError,
  CardKeyError,
  CardLostError,
  CardUnsupportedError,
} from '../card-errors.ts'

/** CKR_ numbers of PKCS #11 v2.40 that mean something to the driver. */
export const CKR = {
  SLOT_ID_INVALID: 0x3,
  GENERAL_ERROR: 0x5,
  ATTRIBUTE_SENSITIVE: 0x11,
  ATTRIBUTE_TYPE_INVALID: 0x12,
  DEVICE_ERROR: 0x30,
  DEVICE_REMOVED: 0x32,
  ENCRYPTED_DATA_INVALID: 0x40,
  ENCRYPTED_DATA_LEN_RANGE: 0x41,
  /** Since v3.0. */
  AEAD_DECRYPT_FAILED: 0x42,
  FUNCTION_NOT_SUPPORTED: 0x54,
  KEY_HANDLE_INVALID: 0x60,
  KEY_SIZE_RANGE: 0x62,
  KEY_FUNCTION_NOT_PERMITTED: 0x68,
  KEY_NOT_WRAPPABLE: 0x69,
  KEY_UNEXTRACTABLE: 0x6a,
  MECHANISM_INVALID: 0x70,
  OBJECT_HANDLE_INVALID: 0x82,
  PIN_INCORRECT: 0xa0,
  PIN_LOCKED: 0xa4,
  SESSION_CLOSED: 0xb0,
  SESSION_COUNT: 0xb1,
  SESSION_HANDLE_INVALID: 0xb3,
  SIGNATURE_INVALID: 0xc0,
  SIGNATURE_LEN_RANGE: 0xc1,
  TOKEN_NOT_PRESENT: 0xe0,
  USER_ALREADY_LOGGED_IN: 0x100,
  USER_NOT_LOGGED_IN: 0x101,
  CURVE_NOT_SUPPORTED: 0x140,
  CRYPTOKI_NOT_INITIALIZED: 0x190,
  CRYPTOKI_ALREADY_INITIALIZED: 0x191,
} as const

const LOST: ReadonlySet<number> = new Set([
  CKR.SLOT_ID_INVALID,
  CKR.DEVICE_ERROR,
  CKR.DEVICE_REMOVED,
  CKR.SESSION_CLOSED,
  CKR.SESSION_HANDLE_INVALID,
  CKR.TOKEN_NOT_PRESENT,
  // It was logged in when it was opened: a token that was reset, or pulled out and put back, has forgotten that.
  CKR.USER_NOT_LOGGED_IN,
  CKR.CRYPTOKI_NOT_INITIALIZED,
])
const UNSUPPORTED: ReadonlySet<number> = new Set([
  CKR.FUNCTION_NOT_SUPPORTED,
  CKR.MECHANISM_INVALID,
  CKR.CURVE_NOT_SUPPORTED,
])
const KEY: ReadonlySet<number> = new Set([
  CKR.KEY_HANDLE_INVALID,
  CKR.KEY_SIZE_RANGE,
  CKR.KEY_FUNCTION_NOT_PERMITTED,
  CKR.KEY_NOT_WRAPPABLE,
  CKR.KEY_UNEXTRACTABLE,
  CKR.OBJECT_HANDLE_INVALID,
])

/** The number that a function of the library returned; null when the failure is not one of the library. */
export function returnCodeOf(error: unknown): number | null {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return name === 'Pkcs11Error' && typeof code === 'number' ? code : null
}

/** What a failed function of the library means. Others' failures come back as they are. */
export function explainFailure(card: string, operation: string, error: unknown): unknown {
  const status = returnCodeOf(error)
  if (status === null) return error
  return describe(card, { operation, status }, error as Error)
}

function describe(
  card: string,
  failure: { readonly operation: string; readonly status: number },
  cause: Error,
): CardError {
  const { operation, status } = failure
  const what = `${operation} returned ${nameOf(status)}`
  const options = { cause }
  if (LOST.has(status)) {
    const advice = 'the token is gone or was reset; plug it in and open the card again'
    return new CardLostError(card, `${what}: ${advice}`, options)
  }
  if (UNSUPPORTED.has(status)) {
    return new CardUnsupportedError(card, `${what}: the token cannot do this`, options)
  }
  if (KEY.has(status)) {
    return new CardKeyError(card, `${what}: the key is gone or may not be used for this`, options)
  }
  if (status === CKR.SESSION_COUNT) {
    const advice = 'the token has no more sessions; open the card with fewer of them'
    return new CardBusyError(card, `${what}: ${advice}`, options)
  }
  return new CardFailureError(card, failure, `${what}; see the library's own log`, options)
}

/** @throws CardAbsentError always; apart so that the messages of slots stay together */
export function noSuchToken(card: string, wanted: string, present: readonly string[]): never {
  const others = present.length === 0 ? 'no token' : `only ${present.join(', ')}`
  throw new CardAbsentError(
    card,
    `the library has ${others}, and ${wanted} is wanted; plug the token in, or correct the configuration`,
  )
}

function nameOf(status: number): string {
  const known = Object.entries(CKR).find(([, number]) => number === status)
  const number = `0x${status.toString(16)}`
  return known === undefined ? number : `CKR_${known[0]} (${number})`
}
