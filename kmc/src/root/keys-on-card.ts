import { readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { concat, equalConstantTime, wipe } from '@orlop/crypto/bytes'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { SM2_POINT_BYTES } from '@orlop/crypto/cards/sm2/curve'
import { sealSm2 } from '@orlop/crypto/cards/sm2/encryption'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { SHARE_SET_ID_BYTES } from '@orlop/crypto/thresholds/secret-shares'
import { KmcError } from '../kmc-error.ts'
import { syncFolder, writeDurably } from '../service/write-durably.ts'
import { CARD_RIGHT_BYTES } from './card-right.ts'
import { ROOT_KEY_BYTES, type RootKeys } from './root-keys.ts'

const MAX_FILE_BYTES = 1024
const MAX_WRAPPED_BYTES = 512
/** Longest that a card is waited for. Devices hang. */
const CARD_TIMEOUT_MS = 30_000

/** A card whose SM2 key unseals a centre in its custodians' place. */
export interface UnsealingCard {
  /** In messages and the audit log. */
  readonly name: string
  /** Index of the SM2 key for decrypting. */
  readonly keyName: string
  open(signal: AbortSignal): Promise<CryptoCard>
}

/** What a card keeps. */
export interface KeptKeys {
  /** Whoever gets them wipes them. */
  readonly keys: RootKeys
  /** The right that the card had when it was given them: 16 bytes. */
  readonly right: Uint8Array
}

/** Keys that a card unwraps. */
export interface WrappedKeys {
  /** Of the card: 65 bytes. */
  readonly publicKey: Uint8Array
  /** As they are kept. */
  readonly bytes: Uint8Array
}

/** What {@link KeysOnCard} needs. */
export interface KeysOnCardParts {
  readonly card: UnsealingCard
  /** Where the wrapped keys lie. They are of use to nobody without the card. */
  readonly file: string
  /** Longest that the card is waited for; 30 s unless given. */
  readonly timeoutMs?: number
}

const bytesOf = (length: number) =>
  z.instanceof(Uint8Array).refine((bytes) => bytes.length === length)
const schema = z.strictObject({
  format: z.literal(1),
  centreId: bytesOf(SHARE_SET_ID_BYTES),
  publicKey: bytesOf(SM2_POINT_BYTES),
  wrapped: z.instanceof(Uint8Array).refine((bytes) => bytes.length <= MAX_WRAPPED_BYTES),
})

/** A card's SM2 key, to use now. */
interface OpenedKey {
  readonly publicKey: Uint8Array
  readonly decrypt: (wrapped: Uint8Array) => Promise<Uint8Array>
}

/**
 * Keeps a centre's keys wrapped to a card's SM2 key (GB/T 32918.4), whose private half does not leave the card. The right is inside the
 * ciphertext: it cannot be changed without the keys.
 */
export class KeysOnCard {
  readonly #parts: KeysOnCardParts

  constructor(parts: KeysOnCardParts) {
    this.#parts = parts
  }

  get cardName(): string {
    return this.#parts.card.name
  }

  /**
   * Wraps keys to the card, which shows that it unwraps them. Nothing is kept yet.
   *
   * @param centreId - 16 bytes.
   * @param signal - ends it at once, also while a card hangs.
   * @throws KmcError `CARD_UNAVAILABLE`
   */
  async wrap(
    { keys, right }: KeptKeys,
    centreId: Uint8Array,
    signal: AbortSignal,
  ): Promise<WrappedKeys> {
    const content = concat(keys.rowKey, keys.backupKey, keys.signingKey, right)
    try {
      return await this.#withKey(async ({ publicKey, decrypt }) => {
        const wrapped = sealSm2(publicKey, content)
        const unwrapped = await decrypt(wrapped)
        const isRight = equalConstantTime(unwrapped, content)
        wipe(unwrapped)
        if (!isRight) throw this.#unavailable('does not open what is wrapped to its key')
        return { publicKey, bytes: encodeCbor({ format: 1, centreId, publicKey, wrapped }) }
      }, signal)
    } finally {
      wipe(content)
    }
  }

  /**
   * Keeps wrapped keys, in place of those before.
   *
   * @param mayKeep - asked when all is on disk but the name: throws when they must not be kept any more.
   * @throws the file system's own errors
   */
  async keep({ bytes }: WrappedKeys, mayKeep: () => void): Promise<void> {
    await writeDurably(this.#parts.file, bytes, { mayReplace: mayKeep })
  }

  /**
   * What the card keeps; null when it was given nothing.
   *
   * @param centreId - 16 bytes: only its keys are asked for.
   * @throws KmcError `CARD_UNAVAILABLE` when the card fails, has another key, or does not answer in time; `CONFIG_INVALID` for a file that
   *   is damaged or of another centre; the file system's own errors
   */
  async take(centreId: Uint8Array): Promise<KeptKeys | null> {
    const kept = await this.#read()
    if (kept === null) return null
    if (!equalConstantTime(kept.centreId, centreId)) throw this.#unusable('is of another centre')
    const content = await this.#withKey(({ publicKey, decrypt }) => {
      if (equalConstantTime(publicKey, kept.publicKey)) return decrypt(kept.wrapped)
      throw this.#unavailable('has another key than the centre’s keys were wrapped to')
    })
    try {
      if (content.length !== 3 * ROOT_KEY_BYTES + CARD_RIGHT_BYTES) {
        throw this.#unusable('holds no keys of a centre')
      }
      const key = (at: number) => content.slice(at * ROOT_KEY_BYTES, (at + 1) * ROOT_KEY_BYTES)
      const keys = { rowKey: key(0), backupKey: key(1), signingKey: key(2) }
      return { keys, right: content.slice(3 * ROOT_KEY_BYTES) }
    } finally {
      wipe(content)
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

  /** Uses the card's key within the time there is. A card that answers later is closed then, and what it gave wiped. */
  async #withKey<T>(work: (key: OpenedKey) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { timeoutMs = CARD_TIMEOUT_MS } = this.#parts
    const timeout = AbortSignal.timeout(timeoutMs)
    const over = signal === undefined ? timeout : AbortSignal.any([timeout, signal])
    const using = this.#use(work, over)
    const late = Promise.withResolvers<never>()
    const expire = () => {
      using.then(
        (given) => given instanceof Uint8Array && wipe(given),
        () => undefined,
      )
      late.reject(this.#unavailable(timeout.aborted ? 'does not answer' : 'is not wanted any more'))
    }
    over.addEventListener('abort', expire)
    try {
      return await Promise.race([using, late.promise])
    } catch (error) {
      if (error instanceof KmcError) throw error
      const reason = error instanceof Error ? error.message : 'it failed'
      throw this.#unavailable(`cannot be used: ${reason}`, error)
    } finally {
      over.removeEventListener('abort', expire)
    }
  }

  async #use<T>(work: (key: OpenedKey) => Promise<T>, over: AbortSignal): Promise<T> {
    const { card: unsealing } = this.#parts
    const card = await unsealing.open(over)
    try {
      const stored = await card.storedKey({ use: 'decrypt', name: unsealing.keyName })
      if (stored?.publicKey?.type !== 'sm2') {
        throw this.#unavailable(`has no SM2 key '${unsealing.keyName}' to decrypt with`)
      }
      const { key, publicKey } = stored
      const decrypt = (data: Uint8Array) =>
        card.decryptWith({ algorithm: 'sm2-encrypt', key, data })
      return await work({ publicKey: publicKey.point, decrypt })
    } finally {
      // What it gave is good all the same.
      await card.close().catch(() => undefined)
    }
  }

  #unavailable(what: string, cause?: unknown): KmcError {
    const { name } = this.#parts.card
    return new KmcError('CARD_UNAVAILABLE', `The card ${name} ${what}.`, {
      cause,
      details: { card: name },
    })
  }

  #unusable(what: string): KmcError {
    return new KmcError('CONFIG_INVALID', `${this.#parts.file} ${what}.`)
  }
}

/** Removes what a card kept, in a crash's leavings too. @throws the file system's own errors */
export async function forgetKeysOnCard(file: string): Promise<void> {
  await rm(file, { force: true })
  await rm(`${file}.part`, { force: true })
  await syncFolder(dirname(file))
}
