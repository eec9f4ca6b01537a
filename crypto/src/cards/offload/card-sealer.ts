import { platformBackend } from '../../backends/platform-backend.ts'
import { equalConstantTime } from '../../bytes.ts'
import { decodeHeader, hashHeader } from '../../format/header.ts'
import { checkCommitment } from '../../keys/commitment.ts'
import { deriveObjectKeys, type ObjectKeys } from '../../keys/object-keys.ts'
import { chunkNonce, type ChunkPosition } from '../../sealing/chunk.ts'
import type { SuiteName } from '../../format/header.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import type { CryptoCard } from '../card.ts'
import { CardSelfTestError } from '../card-errors.ts'
import { type CardCipher, openCardCipher } from './card-cipher.ts'

/** What {@link CardSealer.open} needs. */
export interface CardSealerRequest {
  /** 32 bytes; not kept. */
  readonly dataKey: Uint8Array
  /** The object's encoded header. */
  readonly headerBytes: Uint8Array
}

/** Seals the chunks of one object by a card, up to the chaotic layer, which no card has. */
export class CardSealer {
  readonly #card: CryptoCard
  readonly #cipher: CardCipher
  readonly #suite: SuiteName
  readonly #keys: ObjectKeys
  readonly #headerHash: Uint8Array
  #checked: Promise<void> | null = null

  private constructor(
    card: CryptoCard,
    cipher: CardCipher,
    object: { suite: SuiteName; keys: ObjectKeys; headerHash: Uint8Array },
  ) {
    this.#card = card
    this.#cipher = cipher
    this.#suite = object.suite
    this.#keys = object.keys
    this.#headerHash = object.headerHash
  }

  /**
   * Brings the object's keys into the card, where they stay until `dispose`.
   *
   * @throws KeyMismatchError when the data key belongs to another object
   * @throws CardError when the card does not take them or can do nothing of the suite
   */
  static async open(card: CryptoCard, request: CardSealerRequest): Promise<CardSealer> {
    const header = decodeHeader(request.headerBytes)
    checkCommitment(request.dataKey, header)
    const keys = deriveObjectKeys(request.dataKey, header)
    try {
      const { suite } = header
      const cipher = await openCardCipher(card, { suite, key: keys.cipherKey })
      const headerHash = hashHeader(request.headerBytes)
      return new CardSealer(card, cipher, { suite, keys, headerHash })
    } catch (error) {
      keys.dispose()
      throw error
    }
  }

  get algorithms(): readonly CardAlgorithm[] {
    return this.#cipher.algorithms
  }

  /**
   * Seals one chunk. The first is sealed in software too: nothing of a card that gives other bytes is ever returned.
   *
   * @param message - codec byte ‖ body, as of `encodeChunkBody`; not to be changed before the call has settled
   * @returns what `sealChunk` gives, without the chaotic layer
   * @throws CardSelfTestError when the card gave other bytes than software; CardError when it cannot
   */
  async seal(position: ChunkPosition, message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const nonce = chunkNonce({ keys: this.#keys }, position)
    const request = { nonce, additionalData: this.#headerHash, message }
    if (this.#checked !== null) {
      // Both end before this does: the card may still read the message when the other has failed.
      const [sealed, checked] = await Promise.allSettled([
        this.#cipher.seal(request),
        this.#checked,
      ])
      if (sealed.status === 'rejected') throw sealed.reason
      if (checked.status === 'rejected') throw checked.reason
      return sealed.value
    }
    const sealed = this.#cipher.seal(request)
    this.#checked = sealed.then((given) => this.#compare(given, nonce, message))
    await this.#checked
    return sealed
  }

  /** Destroys the keys, here and on the card. @throws CardError when the card cannot */
  async dispose(): Promise<void> {
    this.#keys.dispose()
    await this.#cipher.dispose()
  }

  #compare(given: Uint8Array, nonce: Uint8Array, message: Uint8Array): void {
    const expected = platformBackend.seal({
      suite: this.#suite,
      key: this.#keys.cipherKey,
      nonce,
      additionalData: this.#headerHash,
      plaintext: [message],
    })
    if (equalConstantTime(given, expected)) return
    throw new CardSelfTestError(
      this.#card.info().name,
      `first chunk under ${this.#suite}`,
      'it sealed the first chunk of an object otherwise than software does, so nothing it sealed ' +
        'is used; have it examined',
    )
  }
}
