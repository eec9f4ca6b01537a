import type { CipherBackend } from '../backends/cipher-backend.ts'
import { nodeBackend } from '../backends/node-backend.ts'
import { javascriptEngine } from '../chaos/javascript-engine.ts'
import { encodeHeader } from '../format/header.ts'
import type { Header, HeaderChaosProfile, SuiteName } from '../format/header.ts'
import { commitHeader } from '../keys/commitment.ts'
import { createSealingContext } from '../sealing/sealing-context.ts'
import type { SealingContext } from '../sealing/sealing-context.ts'
import { namedBytes } from './pattern.ts'

/** What differs between the objects of tests and vectors. */
export interface FixtureOptions {
  readonly suite: SuiteName
  readonly chaosProfile: HeaderChaosProfile
  /** Names the object: other names have other ids, salts and keys. */
  readonly name?: string
  readonly chunkBytes?: number
  readonly backend?: CipherBackend
}

/** An object's data key and header, fixed by its name. */
export interface Fixture {
  readonly dataKey: Uint8Array
  readonly header: Header
  readonly headerBytes: Uint8Array
  readonly context: SealingContext
}

/** Makes data key, header and sealing context of a test object. */
export function makeFixture(options: FixtureOptions): Fixture {
  const name = options.name ?? 'orlop test object'
  const dataKey = namedBytes(`${name}: data key`, 32)
  const header = commitHeader(dataKey, {
    objectId: namedBytes(`${name}: object id`, 32),
    suite: options.suite,
    level: options.chaosProfile === 'none' ? 1 : 2,
    chaosProfile: options.chaosProfile,
    chunkBytes: options.chunkBytes ?? 1024,
    k: 1,
    m: 2,
    stripeShareBytes: 65_536,
    salt: namedBytes(`${name}: salt`, 32),
  })
  const headerBytes = encodeHeader(header)
  const context = createSealingContext({
    dataKey,
    headerBytes,
    backend: options.backend ?? nodeBackend,
    chaos: javascriptEngine,
  })
  return { dataKey, header, headerBytes, context }
}

/** Every suite with every profile of the chaotic layer. */
export const EVERY_SUITE_AND_PROFILE = (
  ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm'] as const
).flatMap((suite) =>
  (['none', 'wide', 'paper'] as const).map((chaosProfile) => ({ suite, chaosProfile })),
)
