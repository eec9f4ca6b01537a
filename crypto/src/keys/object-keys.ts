import { assertBytes, concat, encodeUtf8, wipe } from '../bytes.ts'
import type { HeaderParameters } from '../format/header.ts'
import { hkdfSha256 } from '../kdf.ts'
import { NONCE_SUFFIX_BYTES, SUITES } from '../suites/suites.ts'

/** Length of a data key. */
export const DATA_KEY_BYTES = 32
/** Length of the chaotic layer's key. */
export const CHAOS_KEY_BYTES = 32

/** The keys that seal the chunks of one object (formats.md 3), independent of each other. */
export interface ObjectKeys {
  /** Key of the authenticated cipher, as long as the suite says. */
  readonly cipherKey: Uint8Array
  /** Beginning of every chunk's nonce. */
  readonly noncePrefix: Uint8Array
  /** Key of the chaotic layer; `null` at level 1. */
  readonly chaosKey: Uint8Array | null
  /** Overwrites the keys; they must not be used afterwards. */
  dispose(): void
}

/**
 * Derives the keys of an object's chunks from its data key (32 bytes).
 *
 * @throws TypeError or RangeError when the data key is not 32 bytes
 */
export function deriveObjectKeys(
  dataKey: Uint8Array,
  header: Pick<HeaderParameters, 'suite' | 'level' | 'salt'>,
): ObjectKeys {
  assertBytes('data key', dataKey, DATA_KEY_BYTES)
  const suite = SUITES[header.suite]
  const derive = (info: string, lengthBytes: number): Uint8Array =>
    hkdfSha256({ key: dataKey, salt: header.salt, info, lengthBytes })
  const cipherKey = derive('orlop/1/cipher', suite.keyBytes)
  const noncePrefix = derive('orlop/1/nonce', suite.nonceBytes - NONCE_SUFFIX_BYTES)
  const chaosKey = header.level >= 2 ? derive('orlop/1/chaos', CHAOS_KEY_BYTES) : null
  return {
    cipherKey,
    noncePrefix,
    chaosKey,
    dispose() {
      wipe(cipherKey, noncePrefix)
      if (chaosKey !== null) wipe(chaosKey)
    },
  }
}

/** Key and nonce that seal one manifest; both are new at every write, with the manifest salt. */
export interface ManifestKeys {
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  /** Overwrites the key; it must not be used afterwards. */
  dispose(): void
}

/**
 * Derives key and nonce of a manifest: one HKDF output, key first, under the info
 * `orlop/1/manifest` ‖ manifest salt (32 bytes).
 *
 * @throws TypeError or RangeError when data key or salt are not 32 bytes
 */
export function deriveManifestKeys(
  dataKey: Uint8Array,
  header: Pick<HeaderParameters, 'suite' | 'salt'>,
  manifestSalt: Uint8Array,
): ManifestKeys {
  assertBytes('data key', dataKey, DATA_KEY_BYTES)
  assertBytes('manifest salt', manifestSalt, 32)
  const suite = SUITES[header.suite]
  const material = hkdfSha256({
    key: dataKey,
    salt: header.salt,
    info: concat(encodeUtf8('orlop/1/manifest'), manifestSalt),
    lengthBytes: suite.keyBytes + suite.nonceBytes,
  })
  return {
    key: material.subarray(0, suite.keyBytes),
    nonce: material.subarray(suite.keyBytes),
    dispose() {
      wipe(material)
    },
  }
}
