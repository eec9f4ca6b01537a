import { concat } from '../../bytes.ts'
import type { CardAlgorithm, CardHashName } from '../algorithms.ts'
import type { CardHash } from '../card.ts'
import type { SessionLease } from '../session-pool.ts'
import { sm2SignerDigest } from '../sm2/curve.ts'
import { type KeyInSession, checkLength, numberOf } from './ciphers.ts'
import type { SdfFunctionName } from './functions.ts'
import type { SdfSession } from './session.ts'
import { encodePublicKey, NativeNumber } from './structures.ts'

const DIGEST_BYTES: Readonly<Record<CardHashName, number>> = {
  sm3: 32,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}
/** Room for the longest digest, and more. */
const DIGEST_ROOM_BYTES = 128

/** A hash in a session of its own until it ends. */
export class SdfHash implements CardHash {
  readonly #algorithm: CardHashName
  readonly #lease: SessionLease<SdfSession>

  private constructor(algorithm: CardHashName, lease: SessionLease<SdfSession>) {
    this.#algorithm = algorithm
    this.#lease = lease
  }

  /** Begins one. The session is given back when it ends, or when this fails. */
  static async begin(algorithm: CardHashName, lease: SessionLease<SdfSession>): Promise<SdfHash> {
    const hash = new SdfHash(algorithm, lease)
    await hash.#step((session) =>
      session.call('SDF_HashInit', numberOf(session, algorithm), null, null, 0),
    )
    return hash
  }

  async update(data: Uint8Array): Promise<void> {
    await this.#step((session) => feed(session, 'SDF_HashUpdate', data))
  }

  async digest(): Promise<Uint8Array<ArrayBuffer>> {
    const digest = await this.#step((session) =>
      finish(session, 'SDF_HashFinal', DIGEST_BYTES[this.#algorithm]),
    )
    this.#lease.release(true)
    return digest
  }

  /** The device keeps what was begun until its session ends. */
  dispose(): Promise<void> {
    this.#lease.release(false)
    return Promise.resolve()
  }

  async #step<Result>(action: (session: SdfSession) => Promise<Result>): Promise<Result> {
    try {
      const { session } = this.#lease
      return await session.exclusive(() => action(session))
    } catch (error) {
      this.#lease.release(false)
      throw error
    }
  }
}

/** What is signed: SM3(Z ‖ message), GB/T 32918.2 section 6.1, all of it by the device. */
export async function digestToSign(
  session: SdfSession,
  point: Uint8Array,
  message: Uint8Array,
  signerId: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const number = numberOf(session, 'sm3')
  if (signerId.length > 0) {
    const publicKey = encodePublicKey(session.device.profile, point)
    await session.call('SDF_HashInit', number, publicKey, signerId, signerId.length)
  } else {
    // To a device no id at all means that no Z is wanted.
    await session.call('SDF_HashInit', number, null, null, 0)
    await feed(session, 'SDF_HashUpdate', sm2SignerDigest(point, signerId))
  }
  await feed(session, 'SDF_HashUpdate', message)
  return finish(session, 'SDF_HashFinal', DIGEST_BYTES.sm3)
}

/** HMAC (RFC 2104) by a device that has it. */
export async function runHmac(
  { session, handle }: KeyInSession,
  algorithm: Exclude<CardAlgorithm<'mac'>, 'sm4-cbc-mac'>,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const hash = algorithm === 'hmac-sm3' ? 'sm3' : 'sha256'
  await session.call('SDF_HMACInit', handle, numberOf(session, hash))
  await feed(session, 'SDF_HMACUpdate', data)
  return finish(session, 'SDF_HMACFinal', DIGEST_BYTES[hash])
}

async function feed(
  session: SdfSession,
  operation: 'SDF_HashUpdate' | 'SDF_HMACUpdate',
  data: Uint8Array,
): Promise<void> {
  const { callBytes } = session.device.profile
  for (let start = 0; start < data.length; start += callBytes) {
    const piece = data.subarray(start, start + callBytes)
    await session.call(operation, piece, piece.length)
  }
}

async function finish(
  session: SdfSession,
  operation: SdfFunctionName,
  expectedBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const digest = new Uint8Array(DIGEST_ROOM_BYTES)
  const length = new NativeNumber(DIGEST_ROOM_BYTES)
  await session.call(operation, digest, length.memory)
  checkLength(session, operation, length.value, expectedBytes)
  return concat(digest.subarray(0, expectedBytes))
}
