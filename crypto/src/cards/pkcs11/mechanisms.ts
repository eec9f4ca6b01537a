import { endianness } from 'node:os'

import { concat } from '../../bytes.ts'
import { type CardAlgorithm, GCM_TAG_BYTES, type SecretType } from '../algorithms.ts'
import { CK_PARAMS_AES_GCM_V240, CKK, CKM } from './constants.ts'
import type { CkMechanism } from './cryptoki.ts'

/** Algorithms that one mechanism of the token does, and for which a vendor's number can be configured. */
export type MechanismAlgorithm = Exclude<
  CardAlgorithm,
  'sm4-gcm' | 'sm2-sm3' | 'sm2-encrypt' | 'sm2-envelope' | 'sdf-kek'
>

/** Mechanism numbers by algorithm. */
export type MechanismNumbers = Partial<Readonly<Record<MechanismAlgorithm, number>>>

/** Numbers of the standard. It has none for the Chinese algorithms: those are each vendor's own. */
const STANDARD: MechanismNumbers = {
  'aes-256-ecb': CKM.AES_ECB,
  'aes-256-cbc': CKM.AES_CBC,
  'aes-256-ctr': CKM.AES_CTR,
  'aes-256-gcm': CKM.AES_GCM,
  'hmac-sha256': CKM.SHA256_HMAC,
  sha256: CKM.SHA256,
  sha384: CKM.SHA384,
  sha512: CKM.SHA512,
  'ecdsa-p256-sha256': CKM.ECDSA,
  'rsa-pkcs1-sha256': CKM.SHA256_RSA_PKCS,
  'aes-256-kw': CKM.AES_KEY_WRAP,
}

/** What a vendor has chosen for the Chinese algorithms, from the documentation of its library. */
export interface VendorNumbers {
  readonly mechanisms?: MechanismNumbers
  /** CKK_ number of an SM4 key. */
  readonly sm4KeyType?: number
  /** CKM_ number that makes an SM4 key. */
  readonly sm4KeyGeneration?: number
}

/** The numbers that a token is spoken to with. */
export class Mechanisms {
  readonly #numbers: MechanismNumbers
  readonly #vendor: VendorNumbers

  constructor(vendor: VendorNumbers) {
    this.#numbers = { ...STANDARD, ...vendor.mechanisms }
    this.#vendor = vendor
  }

  /** Those whose mechanism the token lists, in the order of the table. */
  candidates(listed: readonly number[]): CardAlgorithm[] {
    const entries = Object.entries(this.#numbers) as [MechanismAlgorithm, number][]
    return entries.filter(([, number]) => listed.includes(number)).map(([algorithm]) => algorithm)
  }

  /** @throws TypeError for an algorithm without number: the card never gets that far with one */
  numberOf(algorithm: CardAlgorithm): number {
    const number = this.#numbers[algorithm as MechanismAlgorithm]
    if (number === undefined) throw new TypeError(`${algorithm} has no mechanism`)
    return number
  }

  /** CKK_ of a secret key; null when it is SM4 and no number is configured. */
  keyType(type: SecretType): number | null {
    if (type === 'sm4') return this.#vendor.sm4KeyType ?? null
    return type === 'aes-256' ? CKK.AES : CKK.GENERIC_SECRET
  }

  /** CKM_ that makes a secret key; null as {@link keyType}. */
  keyGeneration(type: SecretType): number | null {
    if (type === 'sm4') return this.#vendor.sm4KeyGeneration ?? null
    return type === 'aes-256' ? CKM.AES_KEY_GEN : CKM.GENERIC_SECRET_KEY_GEN
  }

  /** The mechanism of a cipher with its parameter. @param ulongBytes - sizeof(CK_ULONG) */
  cipher(
    algorithm: CardAlgorithm<'cipher'>,
    ulongBytes: number,
    { iv, additionalData }: { readonly iv: Uint8Array; readonly additionalData: Uint8Array },
  ): CkMechanism {
    const mechanism = this.numberOf(algorithm)
    switch (algorithm) {
      case 'sm4-ecb':
      case 'aes-256-ecb':
        return { mechanism }
      case 'sm4-cbc':
      case 'aes-256-cbc':
        return { mechanism, parameter: asBuffer(iv) }
      case 'sm4-ctr':
      case 'aes-256-ctr':
        return { mechanism, parameter: counterParameter(iv, ulongBytes) }
      case 'sm4-gcm':
      case 'aes-256-gcm':
        return {
          mechanism,
          parameter: {
            type: CK_PARAMS_AES_GCM_V240,
            iv: asBuffer(iv),
            ivBits: 8 * iv.length,
            aad: asBuffer(additionalData),
            tagBits: 8 * GCM_TAG_BYTES,
          },
        }
    }
  }
}

/** The same memory as a Buffer, which is all that the binding takes. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** CK_AES_CTR_PARAMS: CK_ULONG ulCounterBits, CK_BYTE cb[16]; the counter is all of the block. */
function counterParameter(firstBlock: Uint8Array, ulongBytes: number): Buffer {
  const bits = Buffer.alloc(ulongBytes)
  if (endianness() === 'LE') bits.writeUInt32LE(8 * firstBlock.length)
  else bits.writeUInt32BE(8 * firstBlock.length, ulongBytes - 4)
  return asBuffer(concat(bits, firstBlock))
}
