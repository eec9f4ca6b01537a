import {
  CardAbsentError,
  type CardError,
  CardFailureError,
  CardKeyError,
  CardLostError,
  CardPinError,
  CardUnsupportedError,
} from '../card-errors.ts'
import type { SdfFunctionName } from './functions.ts'
import type { SdfProfile } from './profile.ts'

/** Error numbers of GM/T 0018-2012 annex A. */
export const SDR = {
  ok: 0,
  base: 0x100_0000,
  unknown: 0x100_0001,
  notSupported: 0x100_0002,
  communication: 0x100_0003,
  hardware: 0x100_0004,
  openDevice: 0x100_0005,
  openSession: 0x100_0006,
  noPermission: 0x100_0007,
  keyAbsent: 0x100_0008,
  algorithm: 0x100_0009,
  mode: 0x100_000a,
  publicKeyOperation: 0x100_000b,
  privateKeyOperation: 0x100_000c,
  sign: 0x100_000d,
  verify: 0x100_000e,
  keyType: 0x100_0014,
  key: 0x100_0015,
  encryptedData: 0x100_0016,
  privateKeyRight: 0x100_0018,
  inputArgument: 0x100_001d,
  outputArgument: 0x100_001e,
} as const

const LOST: readonly number[] = [SDR.communication, SDR.hardware, SDR.openDevice]
const UNSUPPORTED: readonly number[] = [SDR.notSupported, SDR.algorithm, SDR.mode]
/** `noPermission` when it is locked. Software devices call a wrong PIN a wrong argument. */
const PIN_REFUSED: readonly number[] = [
  SDR.unknown,
  SDR.noPermission,
  SDR.privateKeyRight,
  SDR.inputArgument,
]
const KEYS: readonly number[] = [SDR.keyAbsent, SDR.keyType, SDR.key, SDR.encryptedData]

export interface SdfFailure {
  readonly card: string
  readonly profile: SdfProfile
  readonly operation: SdfFunctionName
  /** Not 0. */
  readonly status: number
}

/** What a device's error number means for the caller. */
export function sdfError(failure: SdfFailure): CardError {
  const { card, profile, operation, status } = failure
  const what = `${operation} failed with 0x${status.toString(16).padStart(8, '0')}`
  if (LOST.includes(status) || profile.lostStatuses.includes(status)) return lost(failure, what)
  if (operation === 'SDF_GetPrivateKeyAccessRight' && concernsPin(status)) {
    return pinRefused(failure, what)
  }
  if (status === SDR.noPermission || status === SDR.privateKeyRight) {
    return new CardPinError(
      card,
      { reason: 'missing', remainingTries: null },
      `${what}: the device wants the PIN of this private key; give it in the card's configuration`,
    )
  }
  if (status === SDR.openSession) return sessionRefused(failure, what)
  if (UNSUPPORTED.includes(status)) {
    return new CardUnsupportedError(card, `${what}: the device does not have this`)
  }
  if (KEYS.includes(status)) {
    return new CardKeyError(
      card,
      `${what}: there is no such key, it is damaged, or it was wrapped under another key`,
    )
  }
  return new CardFailureError(
    card,
    { operation, status },
    `${what}; look the number up in the vendor's manual`,
  )
}

/**
 * Whether a refused PIN is what a device can mean. The standard has two numbers for it; the rest of its numbers
 * say something else, and a number of the vendor's own may say anything: rather once too few than into the lock.
 */
function concernsPin(status: number): boolean {
  const isStandard = status > SDR.base && status <= SDR.outputArgument
  return PIN_REFUSED.includes(status) || !isStandard
}

function lost({ card, operation }: SdfFailure, what: string): CardError {
  const message = `${what}: the device does not answer; check that it is connected and has power`
  return operation === 'SDF_OpenDevice'
    ? new CardAbsentError(card, message)
    : new CardLostError(card, `${message}, then open the card again`)
}

function pinRefused({ card, status }: SdfFailure, what: string): CardError {
  const isLocked = status === SDR.noPermission
  const advice = isLocked
    ? 'after too many wrong PINs it is locked; have it unlocked by the device’s administrator'
    : 'the PIN is wrong. It is not tried again: give the right one and start the program again'
  return new CardPinError(
    card,
    { reason: isLocked ? 'locked' : 'wrong', remainingTries: null },
    `${what}: ${advice}`,
  )
}

/** When a session is opened, there are too many; in one that was open, the device has forgotten it. */
function sessionRefused({ card, operation, status }: SdfFailure, what: string): CardError {
  if (operation !== 'SDF_OpenSession') {
    return new CardLostError(card, `${what}: the device was reset; open the card again`)
  }
  return new CardFailureError(
    card,
    { operation, status },
    `${what}: the device opens no more sessions; set maxSessions lower, or end other programs that use it`,
  )
}
