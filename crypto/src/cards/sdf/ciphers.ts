import { concat } from '../../bytes.ts'
import { type CardAlgorithm, CIPHER_BLOCK_BYTES } from '../algorithms.ts'
import { CardFailureError } from '../card-errors.ts'
import { counterMode } from '../compose/counter-mode.ts'
import { openGcm, sealGcm } from '../compose/galois-counter-mode.ts'
import type { SdfFunctionName } from './functions.ts'
import type { SdfAlgorithm } from './profile.ts'
import type { SdfSession } from './session.ts'
import { NativeNumber } from './structures.ts'

/** A session with the key in question in it. The caller has both for itself. */
export interface KeyInSession {
  readonly session: SdfSession
  readonly handle: bigint
}

interface CipherCall {
  readonly algorithm: CardAlgorithm<'cipher'>
  readonly isEncrypt: boolean
  readonly iv: Uint8Array
  readonly additionalData: Uint8Array
  readonly data: Uint8Array
}

/** Behind the memory of a result, for devices that write a block more than they say. */
const SLACK_BYTES = 32
const NO_BYTES = new Uint8Array(0)

/**
 * Encrypts or decrypts. A device has no GCM (GM/T 0018-2012), and may have no counter mode: those are put together
 * here from what it has.
 *
 * @throws AuthenticationError for GCM when the tag does not verify; CardError
 */
export async function runCipher(
  key: KeyInSession,
  call: CipherCall,
): Promise<Uint8Array<ArrayBuffer>> {
  const { algorithm, iv, data } = call
  switch (algorithm) {
    case 'sm4-gcm':
    case 'aes-256-gcm': {
      const counter = algorithm === 'sm4-gcm' ? 'sm4-ctr' : 'aes-256-ctr'
      const run = call.isEncrypt ? sealGcm : openGcm
      return run((firstBlock, bytes) => runCounterMode(key, counter, firstBlock, bytes), call)
    }
    case 'sm4-ctr':
    case 'aes-256-ctr':
      return runCounterMode(key, algorithm, iv, data)
    case 'sm4-ecb':
    case 'aes-256-ecb':
    case 'sm4-cbc':
    case 'aes-256-cbc':
      return runBlocks(key, call, algorithm)
  }
}

/** The last block of CBC from an IV of zeros (GB/T 15852.1 algorithm 1 without padding), by the device. */
export async function runBlockMac(
  { session, handle }: KeyInSession,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const { profile } = session.device
  const number = numberOf(session, 'sm4-cbc-mac')
  const iv = new Uint8Array(CIPHER_BLOCK_BYTES)
  const mac = new Uint8Array(CIPHER_BLOCK_BYTES + SLACK_BYTES)
  for (let start = 0; start < data.length; start += profile.callBytes) {
    const piece = data.subarray(start, start + profile.callBytes)
    const length = new NativeNumber(CIPHER_BLOCK_BYTES)
    await session.call(
      'SDF_CalculateMAC',
      handle,
      number,
      iv,
      piece,
      piece.length,
      mac,
      length.memory,
    )
    checkLength(session, 'SDF_CalculateMAC', length.value, CIPHER_BLOCK_BYTES)
    iv.set(mac.subarray(0, CIPHER_BLOCK_BYTES))
  }
  return iv
}

/** The number that a device has for an algorithm which its card tells of. */
export function numberOf(session: SdfSession, algorithm: SdfAlgorithm): number {
  const number = session.device.profile.numbers[algorithm]
  if (number === undefined) throw new TypeError(`${algorithm}: the device has no number for it`)
  return number
}

/** @throws CardFailureError when the device says that it wrote more, or less, than it can have */
export function checkLength(
  session: SdfSession,
  operation: SdfFunctionName,
  actual: number,
  expected: number,
): void {
  if (actual === expected) return
  throw new CardFailureError(
    session.device.card,
    { operation, status: 0 },
    `${operation} says that it wrote ${String(actual)} bytes instead of ${String(expected)}; ` +
      'the device is defective, or its profile is not that of its header file',
  )
}

async function runCounterMode(
  key: KeyInSession,
  algorithm: 'sm4-ctr' | 'aes-256-ctr',
  firstBlock: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const codebook = algorithm === 'sm4-ctr' ? 'sm4-ecb' : 'aes-256-ecb'
  if (key.session.device.profile.numbers[algorithm] === undefined) {
    const encipher = (blocks: Uint8Array) =>
      runBlocks(key, { isEncrypt: true, iv: NO_BYTES, data: blocks }, codebook)
    return counterMode(encipher, firstBlock, data)
  }
  // Some devices take whole blocks only, whatever the mode.
  const wholeBytes = data.length - (data.length % CIPHER_BLOCK_BYTES)
  const rest = data.subarray(wholeBytes)
  const padding = new Uint8Array(rest.length === 0 ? 0 : CIPHER_BLOCK_BYTES - rest.length)
  const whole = rest.length === 0 ? data : concat(data, padding)
  const result = await runBlocks(key, { isEncrypt: true, iv: firstBlock, data: whole }, algorithm)
  return result.subarray(0, data.length)
}

/** Whole blocks, in as many calls as the device needs. */
async function runBlocks(
  { session, handle }: KeyInSession,
  { isEncrypt, iv, data }: Pick<CipherCall, 'isEncrypt' | 'iv' | 'data'>,
  algorithm: Exclude<CardAlgorithm<'cipher'>, 'sm4-gcm' | 'aes-256-gcm'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { callBytes } = session.device.profile
  const operation = isEncrypt ? 'SDF_Encrypt' : 'SDF_Decrypt'
  const number = numberOf(session, algorithm)
  const result = new Uint8Array(data.length + SLACK_BYTES)
  let chained = iv.length === 0 ? null : Uint8Array.from(iv)
  for (let start = 0; start < data.length; start += callBytes) {
    const piece = data.subarray(start, start + callBytes)
    const target = result.subarray(start)
    const length = new NativeNumber(piece.length)
    // The device may change its copy of the IV; the next one is worked out here.
    const given = chained === null ? null : Uint8Array.from(chained)
    await session.call(operation, handle, number, given, piece, piece.length, target, length.memory)
    checkLength(session, operation, length.value, piece.length)
    const ciphertext = isEncrypt ? target.subarray(0, piece.length) : piece
    chained = chained === null ? null : nextIv(algorithm, chained, ciphertext)
  }
  return result.subarray(0, data.length)
}

/** What the next piece begins with: in CBC the last block of ciphertext, in counter mode the next counter. */
function nextIv(
  algorithm: CardAlgorithm<'cipher'>,
  iv: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array<ArrayBuffer> {
  if (algorithm !== 'sm4-ctr' && algorithm !== 'aes-256-ctr') {
    return ciphertext.slice(-CIPHER_BLOCK_BYTES)
  }
  const counter = BigInt(`0x${Buffer.from(iv).toString('hex')}`)
  const next = BigInt.asUintN(128, counter + BigInt(ciphertext.length / CIPHER_BLOCK_BYTES))
  return Uint8Array.from(Buffer.from(next.toString(16).padStart(32, '0'), 'hex'))
}
