import type { CipherBackend } from '../backends/cipher-backend.ts'
import type { ChaosEngine, ChaosProfile } from '../chaos/engine.ts'
import { decodeHeader, hashHeader } from '../format/header.ts'
import type { Header } from '../format/header.ts'
import { checkCommitment } from '../keys/commitment.ts'
import { deriveObjectKeys } from '../keys/object-keys.ts'
import type { ObjectKeys } from '../keys/object-keys.ts'
import { SUITES } from '../suites/suites.ts'
import type { Suite } from '../suites/suites.ts'

/** What {@link createSealingContext} needs. */
export interface SealingContextRequest {
  /** 32 bytes; not kept. */
  readonly dataKey: Uint8Array
  /** The object's encoded header. */
  readonly headerBytes: Uint8Array
  readonly backend: CipherBackend
  /** Needed from level 2 on. */
  readonly chaos?: ChaosEngine
}

/** The chaotic layer of one object. */
export interface ChaosLayer {
  readonly engine: ChaosEngine
  readonly key: Uint8Array
  readonly profile: ChaosProfile
}

/** Everything that sealing and opening the chunks of one object takes. */
export interface SealingContext {
  readonly header: Header
  /** Additional authenticated data of every chunk. */
  readonly headerHash: Uint8Array
  readonly suite: Suite
  readonly keys: ObjectKeys
  readonly backend: CipherBackend
  /** `null` at level 1. */
  readonly chaosLayer: ChaosLayer | null
  /** Overwrites the keys; the context must not be used afterwards. */
  dispose(): void
}

/**
 * Derives an object's keys and checks that the data key is the one the header commits to.
 *
 * @throws KeyMismatchError when the data key belongs to another object
 * @throws MalformedError, LimitError, UnsupportedVersionError when the header cannot be read
 * @throws TypeError when the header asks for the chaotic layer and no engine is given
 */
export function createSealingContext(request: SealingContextRequest): SealingContext {
  const header = decodeHeader(request.headerBytes)
  checkCommitment(request.dataKey, header)
  if (header.chaosProfile !== 'none' && request.chaos === undefined) {
    throw new TypeError('chaos: expected a ChaosEngine for a header of level 2 or 3, got none')
  }
  const keys = deriveObjectKeys(request.dataKey, header)
  return {
    header,
    headerHash: hashHeader(request.headerBytes),
    suite: SUITES[header.suite],
    keys,
    backend: request.backend,
    chaosLayer: chaosLayerOf(header, keys, request.chaos),
    dispose() {
      keys.dispose()
    },
  }
}

function chaosLayerOf(
  header: Header,
  keys: ObjectKeys,
  engine: ChaosEngine | undefined,
): ChaosLayer | null {
  if (header.chaosProfile === 'none' || engine === undefined || keys.chaosKey === null) return null
  return { engine, key: keys.chaosKey, profile: header.chaosProfile }
}
