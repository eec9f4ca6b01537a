import { CardPinError } from '../card-errors.ts'
import type { CardIdentity } from '../card.ts'
import { rememberWrongPin, wasWrongPin } from '../wrong-pins.ts'
import { CKF, CKU_USER } from './constants.ts'
import type { CkHandle, CkTokenInfo, Cryptoki } from './cryptoki.ts'
import { CKR, explainFailure, noSuchToken, returnCodeOf } from './return-codes.ts'

/** A token in a slot. */
export interface Token {
  readonly slot: CkHandle
  readonly identity: CardIdentity
}

export interface LoginOptions {
  /** Null when the token needs none. */
  readonly pin: string | null
  /** Whether to ask also when one more wrong PIN would lock the token. */
  readonly spendsLastTry: boolean
}

/** Texts of PKCS #11 are filled up with blanks, by some libraries with zeros. */
function trim(text: string): string {
  return text.replace(/[\s\0]+$/, '')
}

/**
 * Finds a token by its label.
 *
 * @throws CardAbsentError when no slot has one of this label, or several do
 */
export function findToken(cryptoki: Cryptoki, card: string, label: string): Token {
  const tokens = attempt(card, 'C_GetTokenInfo', () =>
    cryptoki
      .C_GetSlotList(true)
      .map((slot) => ({ slot, info: cryptoki.C_GetTokenInfo(slot) }))
      .map(({ slot, info }) => ({ slot, info, label: trim(info.label) })),
  )
  const matching = tokens.filter((token) => token.label === label)
  const [token] = matching
  if (token === undefined || matching.length > 1) {
    return noSuchToken(
      card,
      `exactly one of label "${label}"`,
      tokens.map((one) => `"${one.label}"`),
    )
  }
  const { manufacturerID, model, serialNumber, firmwareVersion } = token.info
  return {
    slot: token.slot,
    identity: {
      name: card,
      driver: 'pkcs11',
      manufacturer: trim(manufacturerID),
      model: trim(model),
      serial: trim(serialNumber),
      version: `${String(firmwareVersion.major)}.${String(firmwareVersion.minor)}`,
    },
  }
}

/**
 * Opens the session that keeps this user logged in and owns the keys of the card: objects of a session vanish
 * with it, and the login with the last one (PKCS #11 v2.40 base section 5.6).
 *
 * @throws CardPinError when the token does not let the user in, or should not be asked
 */
export async function openOwnerSession(
  cryptoki: Cryptoki,
  { slot, identity }: Token,
  login: LoginOptions,
): Promise<CkHandle> {
  const session = await openSession(cryptoki, { slot, identity })
  try {
    logIn(cryptoki, { slot, identity, session }, login)
    return session
  } catch (error) {
    await closeSession(cryptoki, session)
    throw error
  }
}

function logIn(
  cryptoki: Cryptoki,
  { slot, identity, session }: Token & { readonly session: CkHandle },
  { pin, spendsLastTry }: LoginOptions,
): void {
  const { name } = identity
  const info = attempt(name, 'C_GetTokenInfo', () => cryptoki.C_GetTokenInfo(slot))
  if ((info.flags & CKF.LOGIN_REQUIRED) === 0) return
  const token = `${identity.manufacturer} ${identity.model} ${identity.serial}`
  if (pin === null) {
    const failure = { reason: 'missing', remainingTries: null } as const
    throw new CardPinError(name, failure, 'it needs the PIN of its user; give one')
  }
  if (wasWrongPin(token, pin)) {
    throw wrongPin(
      name,
      info,
      'it has called this PIN wrong before, and is not asked again with it',
    )
  }
  refuseIfLocked(name, info, spendsLastTry)
  try {
    cryptoki.C_Login(session, CKU_USER, pin)
  } catch (error) {
    const code = returnCodeOf(error)
    if (code === CKR.USER_ALREADY_LOGGED_IN) return
    if (code === CKR.PIN_LOCKED) throw locked(name)
    if (code !== CKR.PIN_INCORRECT) throw explainFailure(name, 'C_Login', error)
    rememberWrongPin(token, pin)
    const after = attempt(name, 'C_GetTokenInfo', () => cryptoki.C_GetTokenInfo(slot))
    throw wrongPin(name, after, 'the PIN is wrong')
  }
}

function refuseIfLocked(card: string, info: CkTokenInfo, spendsLastTry: boolean): void {
  if ((info.flags & CKF.USER_PIN_LOCKED) !== 0) throw locked(card)
  if ((info.flags & CKF.USER_PIN_FINAL_TRY) === 0 || spendsLastTry) return
  throw new CardPinError(
    card,
    { reason: 'last-try', remainingTries: 1 },
    'one more wrong PIN locks it, so it was not asked; be sure of the PIN, then allow the last try',
  )
}

/** PKCS #11 has no number of tries: two flags tell that few or one are left. */
function wrongPin(card: string, { flags }: CkTokenInfo, what: string): CardPinError {
  if ((flags & CKF.USER_PIN_LOCKED) !== 0) return locked(card)
  const isLast = (flags & CKF.USER_PIN_FINAL_TRY) !== 0
  const isLow = (flags & CKF.USER_PIN_COUNT_LOW) !== 0
  const left = isLast ? 'one try is left' : isLow ? 'wrong PINs have been tried' : 'tries are left'
  return new CardPinError(
    card,
    { reason: 'wrong', remainingTries: isLast ? 1 : null },
    `${what}; ${left} before it locks. Correct the configuration`,
  )
}

function locked(card: string): CardPinError {
  return new CardPinError(
    card,
    { reason: 'locked', remainingTries: 0 },
    'its PIN is locked after too many wrong ones; its security officer can set a new one',
  )
}

/** Opens a session for reading: keys of the session may be made in it all the same. */
export function openSession(cryptoki: Cryptoki, { slot, identity }: Token): Promise<CkHandle> {
  const session = attempt(identity.name, 'C_OpenSession', () =>
    cryptoki.C_OpenSession(slot, CKF.SERIAL_SESSION),
  )
  return Promise.resolve(session)
}

/** Closes a session, which a token that is gone has done by itself. */
export function closeSession(cryptoki: Cryptoki, session: CkHandle): Promise<void> {
  try {
    cryptoki.C_CloseSession(session)
  } catch (error) {
    if (returnCodeOf(error) === null) throw error
  }
  return Promise.resolve()
}

/** Calls the library, and says what its failures mean. */
export function attempt<Result>(card: string, operation: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    throw explainFailure(card, operation, error)
  }
}
