import { compareBytes } from '@orlop/crypto/bytes'
import { type Envelope, decodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader } from '@orlop/crypto/format/header'
import { OrlopError } from '@orlop/protocol/errors'
import { EVERY_STRIP, MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'
import type { RoomAccount } from '../reservations/room-account.ts'
import type { EnvelopeShelf, ObjectKey, StoredEnvelope } from './interfaces.ts'
import { KEY_SPACE, formatObjectKey } from './key-space.ts'
import { KeyLocks } from './key-locks.ts'
import type { LevelIndex } from './level-index.ts'

/** {@link EnvelopeShelf} in the node's index. */
export class LevelEnvelopeShelf implements EnvelopeShelf {
  readonly #index: LevelIndex
  readonly #room: RoomAccount
  readonly #locks = new KeyLocks()

  constructor({ index, room }: { index: LevelIndex; room: RoomAccount }) {
    this.#index = index
    this.#room = room
  }

  find(key: ObjectKey): Promise<StoredEnvelope | null> {
    return this.#index.get(KEY_SPACE.envelopes, key)
  }

  async put(key: ObjectKey, bytes: Uint8Array): Promise<StoredEnvelope> {
    const envelope = decode(bytes)
    if (compareBytes(decodeHeader(envelope.headerBytes).objectId, key.objectId) !== 0) {
      throw invalid('it belongs to another object')
    }
    const offered = {
      version: envelope.version,
      envelopeHash: hashEnvelope(envelope),
      envelope: bytes,
    }
    return this.#locks.run(formatObjectKey(key), async () => {
      await this.#assertExpected(key)
      const held = await this.find(key)
      if (held !== null && !isNewer(offered, held)) return held
      const grownBytes = bytes.length - (held?.envelope.length ?? 0)
      // The first envelope comes with its strip, whose room is reserved: it must not fail the upload at its end.
      if (held !== null) this.#assertRoom(grownBytes)
      await this.#index.write([this.#index.put(KEY_SPACE.envelopes, key, offered)])
      this.#room.addStored(grownBytes)
      return offered
    })
  }

  /**
   * Deletes the envelope of an object of which neither strip nor reservation is here any more. For whoever has just given one up.
   *
   * @returns whether there was one.
   */
  dropUnused(key: ObjectKey): Promise<boolean> {
    return this.#locks.run(formatObjectKey(key), async () => {
      if (!(await this.#isRemoved(key)) && (await this.#isHere(key))) return false
      const held = await this.find(key)
      if (held === null) return false
      await this.#index.write([this.#index.drop(KEY_SPACE.envelopes, key)])
      this.#room.addStored(-held.envelope.length)
      return true
    })
  }

  async #assertExpected(key: ObjectKey): Promise<void> {
    if (await this.#isRemoved(key)) {
      throw new OrlopError(
        'OBJECT_REMOVED',
        'The object was removed by its client. Store its content as a new object.',
      )
    }
    if (await this.#isHere(key)) return
    throw new OrlopError(
      'RESERVATION_UNKNOWN',
      'This node holds neither strip nor reservation of the object, so it keeps no envelope of it. Make a new offer.',
    )
  }

  #assertRoom(grownBytes: number): void {
    if (grownBytes <= Math.max(0, this.#room.quotaLeftBytes)) return
    throw new OrlopError(
      'DISK_FULL',
      `The node is full: a larger envelope (by ${String(grownBytes)} bytes) finds no room. The one it has stays; try again later.`,
    )
  }

  async #isRemoved(key: ObjectKey): Promise<boolean> {
    const whole = { ...key, index: EVERY_STRIP }
    return (await this.#index.get(KEY_SPACE.tombstones, whole)) !== null
  }

  /** Reservations first: one that is gone by then has become a strip, or has ended. */
  async #isHere(key: ObjectKey): Promise<boolean> {
    const beginning = formatObjectKey(key)
    const held = await this.#index.list(KEY_SPACE.reservations, beginning)
    return held.length > 0 || (await this.#index.list(KEY_SPACE.strips, beginning)).length > 0
  }
}

/** Higher version; for equal versions the lower hash (formats 6). */
function isNewer(offered: StoredEnvelope, held: StoredEnvelope): boolean {
  if (offered.version !== held.version) return offered.version > held.version
  return compareBytes(offered.envelopeHash, held.envelopeHash) < 0
}

function decode(bytes: Uint8Array): Envelope {
  if (bytes.length <= MAX_ENVELOPE_BYTES) {
    try {
      return decodeEnvelope(bytes)
    } catch (cause) {
      throw invalid('its bytes are not those of an envelope', cause)
    }
  }
  throw invalid(
    `it has ${String(bytes.length)} bytes, at most ${String(MAX_ENVELOPE_BYTES)} are taken`,
  )
}

function invalid(problem: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'ENVELOPE_INVALID',
    `An envelope was refused: ${problem}. Write it again with a current client.`,
    { cause },
  )
}
