import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { equalConstantTime, wipe } from '@orlop/crypto/bytes'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardError } from '@orlop/crypto/cards/card-errors'
import { SM2_POINT_BYTES } from '@orlop/crypto/cards/sm2/curve'
import { sealSm2 } from '@orlop/crypto/cards/sm2/encryption'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { EPHEMERAL_SECRET_BYTES } from '@orlop/crypto/keys/key-release'
import { SHARE_SET_ID_BYTES } from '@orlop/crypto/thresholds/secret-shares'
import { KmcError } from '../kmc-error.ts'
import { syncFolder, writeDurably } from '../service/write-durably.ts'
import { ROOT_KEY_BYTES } from './root-keys.ts'

const MAX_FILE_BYTES = 1024
/** Longest that a card is waited for. */
const CARD_TIMEOUT_MS = 30_000

/** A card whose SM2 key unseals a centre in its custodians' place. */
export interface UnsealingCard {
  /** In messages and the audit log. */
  readonly name: string
  /** As the card knows the key for decrypting: an index for GM/T 0018. */
  readonly keyName: string
  open(signal: AbortSignal): Promise<CryptoCard>
}

/** Of which centre the root key is, and how often that had been sealed by an administrator when the card was given the key. */
export interface KeptFor {
  /** 16 bytes. */
  readonly centreId: Uint8Array
  readonly sealings: number
}

/** A root key that a card gave back. */
export interface KeptRoot {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** As {@link KeptFor.sealings}. */
  readonly sealings: number
}

/** What {@link RootOnCard} needs. */
export interface RootOnCardParts {
  readonly card: UnsealingCard
  /** Where the wrapped key lies. It is of use to nobody without the card. */
  readonly file: string
  /** The monitored source of the centre. */
  readonly generate: (lengthBytes: number) => Promise<Uint8Array>
}

const bytesOf = (length: number) =>
  z.instanceof(Uint8Array).refine((bytes) => bytes.length === length)
const schema = z.strictObject({
  format: z.literal(1),
  centreId: bytesOf(SHARE_SET_ID_BYTES),
  sealings: z.int().min(0),
  publicKey: bytesOf(SM2_POINT_BYTES),
  wrapped: z.instanceof(Uint8Array),
})

/** A card's SM2 key, to use now. */
interface OpenedKey {
  readonly publicKey: Uint8Array
  readonly decrypt: (wrapped: Uint8Array) => Promise<Uint8Array>
}

/** Keeps the root key wrapped to a card's SM2 key (GB/T 32918.4), whose private half does not leave the card. */
export class RootOnCard {
  readonly #parts: RootOnCardParts

  constructor(parts: RootOnCardParts) {
    this.#parts = parts
  }

  get cardName(): string {
    return this.#parts.card.name
  }

  /** Wraps the root key to the card, in place of what was kept before. @throws KmcError `CARD_UNAVAILABLE`; the file system's own errors */
  async keep(root: Uint8Array, { centreId, sealings }: KeptFor): Promise<void> {
    const { file, generate } = this.#parts
    const publicKey = await this.#withKey((key) => Promise.resolve(key.publicKey))
    const secret = await generate(EPHEMERAL_SECRET_BYTES)
    const wrapped = sealSm2(publicKey, root, () => secret)
    wipe(secret)
    await writeDurably(file, encodeCbor({ format: 1, centreId, sealings, publicKey, wrapped }))
  }

  /**
   * The root key, unwrapped by the card; null when it was given none. The caller wipes it.
   *
   * @param centreId - 16 bytes: only its key is asked for.
   * @throws KmcError `CARD_UNAVAILABLE` when the card fails or has another key; `CONFIG_INVALID` for a file that is damaged or of another
   *   centre
   */
  async take(centreId: Uint8Array): Promise<KeptRoot | null> {
    const kept = await this.#read()
    if (kept === null) return null
    if (!equalConstantTime(kept.centreId, centreId)) throw this.#unusable('is of another centre')
    const root = await this.#withKey(({ publicKey, decrypt }) => {
      if (!equalConstantTime(publicKey, kept.publicKey)) {
        throw this.#unavailable('has another key than the root key was wrapped to')
      }
      return decrypt(kept.wrapped)
    })
    if (root.length === ROOT_KEY_BYTES) return { root, sealings: kept.sealings }
    wipe(root)
    throw this.#unusable('holds no root key')
  }

  /** Takes the card's right away: nothing is kept for it any more. @throws KmcError `STORE_FAILED` when the file stays */
  async forget(): Promise<void> {
    const { file, card } = this.#parts
    try {
      await rm(file, { force: true })
      await syncFolder(dirname(file))
    } catch (cause) {
      throw new KmcError(
        'STORE_FAILED',
        `The centre is sealed here, but the card ${card.name} can still unseal it at its next start: ${file} could not be removed. Remove it.`,
        { cause },
      )
    }
  }

  async #read(): Promise<z.infer<typeof schema> | null> {
    const bytes = await readFile(this.#parts.file).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    })
    if (bytes === null) return null
    try {
      return schema.parse(decodeCbor(new Uint8Array(bytes), { maxBytes: MAX_FILE_BYTES }))
    } catch {
      throw this.#unusable('is damaged')
    }
  }

  async #withKey<T>(work: (key: OpenedKey) => Promise<T>): Promise<T> {
    const { card: unsealing } = this.#parts
    const { keyName } = unsealing
    try {
      const card = await unsealing.open(AbortSignal.timeout(CARD_TIMEOUT_MS))
      try {
        const stored = await card.storedKey({ use: 'decrypt', name: keyName })
        if (stored?.publicKey?.type !== 'sm2') {
          throw this.#unavailable(`has no SM2 key '${keyName}' to decrypt with`)
        }
        const { key, publicKey } = stored
        const decrypt = (data: Uint8Array) =>
          card.decryptWith({ algorithm: 'sm2-encrypt', key, data })
        return await work({ publicKey: publicKey.point, decrypt })
      } finally {
        await card.close()
      }
    } catch (error) {
      if (!(error instanceof CardError)) throw error
      throw this.#unavailable(`cannot be used: ${error.message}`, error)
    }
  }

  #unavailable(what: string, cause?: unknown): KmcError {
    const { name } = this.#parts.card
    return new KmcError(
      'CARD_UNAVAILABLE',
      `The card ${name} ${what}. Custodians' shares unseal the centre.`,
      { cause, details: { card: name } },
    )
  }

  #unusable(what: string): KmcError {
    const { file } = this.#parts
    return new KmcError(
      'CONFIG_INVALID',
      `${file} ${what}. Custodians' shares unseal the centre, and write it anew.`,
    )
  }
}
