import { compareBytes } from '@orlop/crypto/bytes'
import { type Envelope, decodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader } from '@orlop/crypto/format/header'
import { OrlopError } from '@orlop/protocol/errors'
import { EVERY_STRIP, MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'
import type { EnvelopeShelf, ObjectKey, StoredEnvelope } from './interfaces.ts'
import { KEY_SPACE, formatObjectKey } from './key-space.ts'
import { KeyLocks } from './key-locks.ts'
import type { LevelIndex } from './level-index.ts'

/** {@link EnvelopeShelf} in the node's index. */
export class LevelEnvelopeShelf implements EnvelopeShelf {
  readonly #index: LevelIndex
  readonly #locks = new KeyLocks()

  constructor(index: LevelIndex) {
    this.#index = index
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
      await this.#assertNotRemoved(key)
      const held = await this.find(key)
      if (held !== null && !isNewer(offered, held)) return held
      await this.#index.write([this.#index.put(KEY_SPACE.envelopes, key, offered)])
      return offered
    })
  }

  async #assertNotRemoved(key: ObjectKey): Promise<void> {
    const whole = { ...key, index: EVERY_STRIP }
    if ((await this.#index.get(KEY_SPACE.tombstones, whole)) === null) return
    throw new OrlopError(
      'OBJECT_REMOVED',
      'The object was removed by its client. Store its content as a new object.',
    )
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
