import {
  buildSdfFixture,
  SDF_FIXTURE_PIN,
  type SdfFixtureMacro,
} from '../../testing/sdf-fixture.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import { cardConformance } from '../card.conformance.ts'
import { openSdfCard, type SdfCardOptions } from './open-sdf-card.ts'

const SESSIONS = 3
const STORED = { sign: '1', decrypt: '1', wrap: '1' }
const PINS = { 1: SDF_FIXTURE_PIN, 2: SDF_FIXTURE_PIN }

const STANDARD: readonly CardAlgorithm[] = [
  'sm4-ecb',
  'sm4-cbc',
  'sm4-ctr',
  'sm4-gcm',
  'sm4-cbc-mac',
  'sm3',
  'sha256',
  'sm2-sm3',
  'sdf-kek',
]
const OPTIONAL: readonly CardAlgorithm[] = ['hmac-sm3', 'sm2-encrypt', 'sm2-envelope']
const AES: readonly CardAlgorithm[] = ['aes-256-ecb', 'aes-256-cbc', 'aes-256-ctr', 'aes-256-gcm']

function conformance(
  name: string,
  algorithms: readonly CardAlgorithm[],
  options: Omit<SdfCardOptions, 'library'>,
  ...macros: SdfFixtureMacro[]
): void {
  cardConformance(name, {
    algorithms,
    stored: STORED,
    sessions: SESSIONS,
    open: async () =>
      openSdfCard({
        library: await buildSdfFixture(...macros),
        name,
        pins: PINS,
        maxSessions: SESSIONS,
        ...options,
      }),
  })
}

conformance('sdf', [...STANDARD, ...OPTIONAL], { keyPair: 1, kek: 1 })

conformance('sdf that keeps no keys for us', [...STANDARD, ...OPTIONAL], {})

conformance(
  'sdf of Sansec’s header',
  [...STANDARD, ...OPTIONAL, ...AES],
  { profile: 'sansec', keyPair: 2, kek: 2 },
  'FIXTURE_SANSEC',
)

conformance('sdf of the standard alone', STANDARD, { keyPair: 1 }, 'WITHOUT_OPTIONAL')
