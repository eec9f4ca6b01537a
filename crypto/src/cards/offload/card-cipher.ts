import { checkSuiteLengths, notAuthentic, splitTag } from '../../backends/check-request.ts'
import { nodeSm4 } from '../../backends/node-sm4.ts'
import { firstCounterBlock, splitSm4Key, taggedPieces } from '../../backends/sm4-suite.ts'
import { concat, equalConstantTime, wipe } from '../../bytes.ts'
import type { SuiteName } from '../../format/header.ts'
import { SUITES } from '../../suites/suites.ts'
import type { CardAlgorithm, SecretType } from '../algorithms.ts'
import type { CardInfo, CardKey, CryptoCard } from '../card.ts'
import { CardUnsupportedError } from '../card-errors.ts'

/** One message for a card to seal. */
export interface CardSealRequest {
  /** As long as the suite says; never to be used twice under one key. */
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
  /** Not to be changed before the call has settled: the card reads this memory. */
  readonly message: Uint8Array
}

/** One sealed message for a card to open. */
export interface CardOpenRequest {
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
  /** Ciphertext ‖ tag, as of {@link CardCipher.seal}; as `message` otherwise. */
  readonly sealed: Uint8Array
}

/**
 * A cipher suite under one key by a card: byte for byte what a `CipherBackend` gives. A backend works at once,
 * a card takes its time, so that this is a seam of its own.
 */
export interface CardCipher {
  /** What the card does of the suite; the rest is done in this process. */
  readonly algorithms: readonly CardAlgorithm[]
  /** @returns ciphertext ‖ tag @throws CardError when the card cannot */
  seal(request: CardSealRequest): Promise<Uint8Array<ArrayBuffer>>
  /** @throws AuthenticationError when the tag does not verify; CardError when the card cannot */
  open(request: CardOpenRequest): Promise<Uint8Array<ArrayBuffer>>
  /** Destroys the keys on the card. @throws CardError when it cannot: the keys went with the card then */
  dispose(): Promise<void>
}

/**
 * What a card can do of a suite; empty for nothing. A GCM that is put together in this process from a card's
 * counter mode does not count: its GHASH alone takes longer here than all of AES-GCM does in OpenSSL, and that of
 * SM4-GCM is better made by threads that do the counter mode too.
 */
export function cardPartOf(
  { algorithms, composed }: Pick<CardInfo, 'algorithms' | 'composed'>,
  suite: SuiteName,
): readonly CardAlgorithm[] {
  const wanted = PARTS[suite].filter((algorithm) => algorithms.includes(algorithm))
  const [first] = wanted
  if (first === undefined || first !== PARTS[suite][0]) return []
  return isGcm(first) && composed.includes(first) ? [] : wanted
}

/** What of each suite a card may do, the indispensable part first. No card has XChaCha20-Poly1305. */
const PARTS: Readonly<Record<SuiteName, readonly CardAlgorithm[]>> = {
  'aes-256-gcm': ['aes-256-gcm'],
  'xchacha20-poly1305': [],
  'sm4-ctr-hmac-sm3': ['sm4-ctr', 'hmac-sm3'],
  'sm4-gcm': ['sm4-gcm'],
}

const GCM_KEYS = { 'aes-256-gcm': 'aes-256', 'sm4-gcm': 'sm4' } as const
type GcmSuite = keyof typeof GCM_KEYS

function isGcm(name: CardAlgorithm | SuiteName): name is GcmSuite {
  return name === 'aes-256-gcm' || name === 'sm4-gcm'
}

/**
 * Brings the key of a suite into a card.
 *
 * @param request.key - as long as the suite says; the caller wipes it
 * @throws CardUnsupportedError when the card can do nothing of the suite; CardError when it does not take the key
 */
export async function openCardCipher(
  card: CryptoCard,
  request: { readonly suite: SuiteName; readonly key: Uint8Array },
): Promise<CardCipher> {
  const { suite, key } = request
  const algorithms = cardPartOf(card.info(), suite)
  if (algorithms.length === 0) {
    const { name } = card.info()
    throw new CardUnsupportedError(name, `it does no part of ${suite}; use another suite or card`)
  }
  const cipher = isGcm(suite) ? new GcmCipher(card, suite) : new Sm4Cipher(card, algorithms)
  try {
    await cipher.bringIn(key)
    return cipher
  } catch (error) {
    // The first failure says what went wrong.
    await cipher.dispose().catch(() => undefined)
    throw error
  }
}

/** The keys of one cipher on a card. */
class SessionKeys {
  readonly #card: CryptoCard
  readonly #keys: CardKey[] = []

  constructor(card: CryptoCard) {
    this.#card = card
  }

  async bringIn(type: SecretType, bytes: Uint8Array): Promise<CardKey> {
    const key = await this.#card.importKey({ type, bytes })
    this.#keys.push(key)
    return key
  }

  /** Tries all, whatever becomes of one. */
  async destroy(): Promise<void> {
    const keys = this.#keys.splice(0)
    const ends = await Promise.allSettled(keys.map((key) => this.#card.destroyKey(key)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

class GcmCipher implements CardCipher {
  readonly algorithms: readonly CardAlgorithm[]
  readonly #card: CryptoCard
  readonly #suite: GcmSuite
  readonly #keys: SessionKeys
  #key: CardKey | null = null

  constructor(card: CryptoCard, suite: GcmSuite) {
    this.#card = card
    this.#suite = suite
    this.algorithms = [suite]
    this.#keys = new SessionKeys(card)
  }

  async bringIn(key: Uint8Array): Promise<void> {
    this.#key = await this.#keys.bringIn(GCM_KEYS[this.#suite], key)
  }

  async seal(request: CardSealRequest): Promise<Uint8Array<ArrayBuffer>> {
    return this.#card.encrypt(this.#request(request, request.message))
  }

  async open(request: CardOpenRequest): Promise<Uint8Array<ArrayBuffer>> {
    splitTag(request.sealed, SUITES[this.#suite])
    return this.#card.decrypt(this.#request(request, request.sealed))
  }

  dispose(): Promise<void> {
    this.#key = null
    return this.#keys.destroy()
  }

  #request({ nonce: iv, additionalData }: Omit<CardSealRequest, 'message'>, data: Uint8Array) {
    checkSuiteLengths(SUITES[this.#suite], iv, additionalData)
    return { algorithm: this.#suite, key: held(this.#key), iv, additionalData, data } as const
  }
}

/** The suite `sm4-ctr-hmac-sm3` as `SUITES` specifies it. The MAC is made here where the card has none. */
class Sm4Cipher implements CardCipher {
  readonly algorithms: readonly CardAlgorithm[]
  readonly #card: CryptoCard
  readonly #keys: SessionKeys
  #cipherKey: CardKey | null = null
  #mac: ((pieces: readonly Uint8Array[]) => Promise<Uint8Array>) | null = null
  #ownMacKey: Uint8Array | null = null

  constructor(card: CryptoCard, algorithms: readonly CardAlgorithm[]) {
    this.#card = card
    this.algorithms = algorithms
    this.#keys = new SessionKeys(card)
  }

  async bringIn(key: Uint8Array): Promise<void> {
    const { sm4, hmac } = splitSm4Key(key)
    try {
      this.#cipherKey = await this.#keys.bringIn('sm4', sm4)
      if (this.algorithms.includes('hmac-sm3')) {
        const macKey = await this.#keys.bringIn('hmac', hmac)
        this.#mac = (pieces) =>
          this.#card.mac({ algorithm: 'hmac-sm3', key: macKey, data: concat(...pieces) })
      } else {
        const macKey = Uint8Array.from(hmac)
        this.#ownMacKey = macKey
        this.#mac = (pieces) => Promise.resolve(nodeSm4.hmac(macKey, pieces))
      }
    } finally {
      wipe(sm4, hmac)
    }
  }

  async seal(request: CardSealRequest): Promise<Uint8Array<ArrayBuffer>> {
    const ciphertext = await this.#card.encrypt(this.#counterMode(request, request.message))
    return concat(ciphertext, await held(this.#mac)(taggedPieces(request, ciphertext)))
  }

  async open(request: CardOpenRequest): Promise<Uint8Array<ArrayBuffer>> {
    const { ciphertext, tag } = splitTag(request.sealed, SUITES['sm4-ctr-hmac-sm3'])
    const counterMode = this.#counterMode(request, ciphertext)
    const expected = await held(this.#mac)(taggedPieces(request, ciphertext))
    if (!equalConstantTime(expected, tag)) throw notAuthentic()
    return this.#card.decrypt(counterMode)
  }

  dispose(): Promise<void> {
    if (this.#ownMacKey !== null) wipe(this.#ownMacKey)
    this.#cipherKey = null
    this.#mac = null
    this.#ownMacKey = null
    return this.#keys.destroy()
  }

  #counterMode({ nonce, additionalData }: Omit<CardSealRequest, 'message'>, data: Uint8Array) {
    checkSuiteLengths(SUITES['sm4-ctr-hmac-sm3'], nonce, additionalData)
    const iv = firstCounterBlock(nonce)
    return { algorithm: 'sm4-ctr', key: held(this.#cipherKey), iv, data } as const
  }
}

function held<T>(part: T | null): T {
  if (part === null) throw new TypeError('card cipher: expected one that was not disposed of')
  return part
}
