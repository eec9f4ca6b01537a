import { concat, decodeHex, encodeHex } from '../../bytes.ts'
import { AuthenticationError } from '../../errors.ts'
import type { CardAlgorithm, CardHashName } from '../algorithms.ts'
import { CIPHERS, MAC_KEYS, SIGNATURE_PAIRS } from '../algorithms.ts'
import type { CardOperations, CardPublicKey } from '../card.ts'
import { CardUnsupportedError } from '../card-errors.ts'
import { openSm2 } from '../sm2/encryption.ts'

/** A question to a card whose answer a standard has published. */
export interface KnownAnswer {
  readonly algorithm: CardAlgorithm
  /** Names the vector by its source. */
  readonly vector: string
  /** Whether the card gives the answer. @throws what the card throws */
  isGivenBy<Key>(card: CardOperations<Key>): Promise<boolean>
}

interface Source<Kind extends 'cipher' | 'mac' | 'hash' | 'signature' | 'envelope' | 'wrap'> {
  readonly algorithm: CardAlgorithm<Kind>
  readonly vector: string
}

/** Hexadecimal. */
interface CipherVector extends Source<'cipher'> {
  readonly key: string
  readonly iv: string
  readonly additionalData?: string
  readonly plaintext: string
  /** With the tag. */
  readonly ciphertext: string
}

/** Both directions; for GCM also that a wrong tag is refused. */
export function cipherAnswer(source: CipherVector): KnownAnswer {
  const { algorithm, vector } = source
  const { key: type, tagBytes } = CIPHERS[algorithm]
  const request = {
    algorithm,
    iv: decodeHex(source.iv),
    additionalData: decodeHex(source.additionalData ?? ''),
  }
  return {
    algorithm,
    vector,
    async isGivenBy(card) {
      const key = await card.importKey({ type, bytes: decodeHex(source.key) })
      const ciphertext = decodeHex(source.ciphertext)
      try {
        const sealed = await card.encrypt({ ...request, key, data: decodeHex(source.plaintext) })
        if (encodeHex(sealed) !== source.ciphertext) return false
        const opened = await card.decrypt({ ...request, key, data: ciphertext })
        if (encodeHex(opened) !== source.plaintext) return false
        if (tagBytes === 0) return true
        const damaged = flipLastBit(ciphertext)
        return await isRefused(() => card.decrypt({ ...request, key, data: damaged }))
      } finally {
        await card.destroyKey(key)
      }
    },
  }
}

export function macAnswer(
  source: Source<'mac'> & { key: string; data: string; mac: string },
): KnownAnswer {
  const { algorithm, vector } = source
  return {
    algorithm,
    vector,
    async isGivenBy(card) {
      const key = await card.importKey({
        type: MAC_KEYS[algorithm],
        bytes: decodeHex(source.key),
      })
      try {
        const mac = await card.mac({ algorithm, key, data: decodeHex(source.data) })
        return encodeHex(mac) === source.mac
      } finally {
        await card.destroyKey(key)
      }
    },
  }
}

/** In one piece, and cut in two. */
export function hashAnswer(
  source: { algorithm: CardHashName; vector: string } & { message: string; digest: string },
): KnownAnswer {
  const message = decodeHex(source.message)
  return {
    algorithm: source.algorithm,
    vector: source.vector,
    async isGivenBy(card) {
      for (const cut of [0, 1]) {
        const hash = await card.createHash(source.algorithm)
        try {
          await hash.update(message.subarray(0, cut))
          await hash.update(message.subarray(cut))
          if (encodeHex(await hash.digest()) !== source.digest) return false
        } finally {
          await hash.dispose()
        }
      }
      return true
    },
  }
}

/**
 * The card takes the published signature and refuses one with a bit flipped; where it can make a key pair in
 * no time, it takes its own signature too.
 */
export function signatureAnswer(
  source: Source<'signature'> & {
    publicKey: CardPublicKey
    message: Uint8Array
    signature: string
  },
): KnownAnswer {
  const { algorithm, publicKey, message, vector } = source
  const signature = decodeHex(source.signature)
  return {
    algorithm,
    vector,
    async isGivenBy(card) {
      const request = { algorithm, publicKey, message }
      if (!(await card.verify({ ...request, signature }))) return false
      const damaged = flipLastBit(signature)
      if (await card.verify({ ...request, signature: damaged })) return false
      return algorithm === 'rsa-pkcs1-sha256' || signsRightly(card, algorithm)
    },
  }
}

async function signsRightly<Key>(
  card: CardOperations<Key>,
  algorithm: CardAlgorithm<'signature'>,
): Promise<boolean> {
  const pair = await whereSupported(() =>
    card.generateKeyPair({ type: SIGNATURE_PAIRS[algorithm] }),
  )
  if (pair === null) return true
  const { privateKey: key, publicKey } = pair
  const message = Uint8Array.of(1, 2, 3)
  try {
    const signature = await card.sign({ algorithm, key, message })
    return await card.verify({ algorithm, publicKey, message, signature })
  } finally {
    await card.destroyKey(key)
  }
}

/**
 * What the card encrypts to the published key opens with its private key; where the card can make a key pair,
 * it opens what it encrypted to that.
 */
export function envelopeAnswer(
  source: Source<'envelope'> & { privateKey: string; point: string },
): KnownAnswer {
  const { algorithm, vector } = source
  const data = Uint8Array.from({ length: 32 }, (_, at) => at)
  return {
    algorithm,
    vector,
    async isGivenBy(card) {
      const publicKey = { type: 'sm2', point: decodeHex(source.point) } as const
      const sealed = await card.encryptTo({ algorithm, publicKey, data })
      try {
        if (encodeHex(openSm2(decodeHex(source.privateKey), sealed)) !== encodeHex(data)) {
          return false
        }
      } catch (error) {
        if (error instanceof AuthenticationError) return false
        throw error
      }
      return opensRightly(card, algorithm, data)
    },
  }
}

async function opensRightly<Key>(
  card: CardOperations<Key>,
  algorithm: CardAlgorithm<'envelope'>,
  data: Uint8Array,
): Promise<boolean> {
  const pair = await whereSupported(() => card.generateKeyPair({ type: 'sm2' }))
  if (pair === null) return true
  const { privateKey: key, publicKey } = pair
  try {
    const sealed = await card.encryptTo({ algorithm, publicKey, data })
    const opened = await card.decryptWith({ algorithm, key, data: sealed })
    if (encodeHex(opened) !== encodeHex(data)) return false
    return await isRefused(() => card.decryptWith({ algorithm, key, data: flipLastBit(sealed) }))
  } finally {
    await card.destroyKey(key)
  }
}

/** Unwraps the published bytes and wraps the key again: the same must come out. */
export function keyWrapAnswer(
  source: Source<'wrap'> & { wrappingKey: string; wrapped: string },
): KnownAnswer {
  const { algorithm, vector } = source
  return {
    algorithm,
    vector,
    async isGivenBy(card) {
      const type = 'aes-256'
      const under = await card.importKey({ type, bytes: decodeHex(source.wrappingKey) })
      try {
        const wrapped = decodeHex(source.wrapped)
        const key = await card.unwrapKey({ algorithm, wrapped, type, under })
        try {
          const again = await card.wrapKey({ algorithm, key, under: { key: under } })
          return encodeHex(again) === source.wrapped
        } finally {
          await card.destroyKey(key)
        }
      } finally {
        await card.destroyKey(under)
      }
    },
  }
}

async function whereSupported<Result>(call: () => Promise<Result>): Promise<Result | null> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof CardUnsupportedError) return null
    throw error
  }
}

async function isRefused(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call()
    return false
  } catch (error) {
    if (error instanceof AuthenticationError) return true
    throw error
  }
}

function flipLastBit(bytes: Uint8Array): Uint8Array {
  const last = bytes.length - 1
  return concat(bytes.subarray(0, last), Uint8Array.of((bytes[last] ?? 0) ^ 1))
}
