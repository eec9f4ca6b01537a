import {
  buildSdfFixture,
  canBuildSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixtureMacro,
} from '../../testing/sdf-fixture.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import { cardConformance } from '../card.conformance.ts'
import { openSdfCard, type SdfCardOptions } from './open-sdf-card.ts'
import type { SdfProfileName } from './profile.ts'

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
  options: Partial<SdfCardOptions>,
  ...macros: SdfFixtureMacro[]
): void {
  cardConformance(name, {
    algorithms,
    stored: STORED,
    sessions: SESSIONS,
    open: async () =>
      openSdfCard({
        library: options.library ?? (await buildSdfFixture(...macros)),
        name,
        pins: PINS,
        maxSessions: SESSIONS,
        ...options,
      }),
  })
}

const canBuild = canBuildSdfFixture()
const title = canBuild ? 'cards of GM/T 0018' : `cards of GM/T 0018 (needs: ${SDF_FIXTURE_NEEDS})`
// On the machine that decides, nothing is skipped: compiling fails there.
const suite = canBuild || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  conformance('sdf', [...STANDARD, ...OPTIONAL], { keyPair: 1, kek: 1 })

  conformance('sdf that keeps no keys for us', [...STANDARD, ...OPTIONAL], {})

  conformance(
    'sdf of Sansec’s header',
    [...STANDARD, ...OPTIONAL, ...AES],
    { profile: 'sansec', keyPair: 2, kek: 2 },
    'FIXTURE_SANSEC',
  )

  conformance('sdf of the standard alone', STANDARD, { keyPair: 1 }, 'WITHOUT_OPTIONAL')
})

// The device on this desk: its library, and how it speaks.
const library = process.env['ORLOP_SDF_LIBRARY']
if (library !== undefined) {
  const profile = (process.env['ORLOP_SDF_PROFILE'] ?? 'gmt-0018') as SdfProfileName
  const pin = process.env['ORLOP_SDF_PIN']
  const listed = process.env['ORLOP_SDF_ALGORITHMS']?.split(',') as CardAlgorithm[] | undefined
  const pair = process.env['ORLOP_SDF_KEY_PAIR']
  conformance(`sdf of ${library}`, listed ?? [...STANDARD, ...OPTIONAL], {
    library,
    profile,
    pins: pin === undefined ? {} : { 1: pin, ...(pair !== undefined && { [pair]: pin }) },
    ...(pair !== undefined && { keyPair: Number(pair) }),
  })
}
