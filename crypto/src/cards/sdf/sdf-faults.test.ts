import { createHash } from 'node:crypto'

import { expect } from 'chai'
import fc from 'fast-check'

import { encodeHex } from '../../bytes.ts'
import { namedBytes } from '../../testing/pattern.ts'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '../../testing/sdf-fixture.ts'
import type { CryptoCard } from '../card.ts'
import { CardError } from '../card-errors.ts'
import { openSoftwareCard } from '../software/open-software-card.ts'
import { openSdfCard } from './open-sdf-card.ts'

const PINS = { 1: SDF_FIXTURE_PIN }
const IV = namedBytes('iv', 16)
const DATA = namedBytes('data', 64)

const canBuild = canBuildSdfFixture()
const title = canBuild
  ? 'card of GM/T 0018: faults in any order'
  : `card of GM/T 0018: faults in any order (needs: ${SDF_FIXTURE_NEEDS})`
const suite = canBuild || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let library: string
  let device: SdfFixture

  before(async () => {
    library = await buildSdfFixture()
    device = controlSdfFixture(library)
  })

  const FUNCTIONS = [
    'SDF_OpenSession',
    'SDF_GetPrivateKeyAccessRight',
    'SDF_ImportKeyWithISK_ECC',
    'SDF_DestroyKey',
    'SDF_Encrypt',
    'SDF_HashUpdate',
    'SDF_HashFinal',
    'SDF_InternalSign_ECC',
  ] as const
  const STATUSES = [0x0100_0003, 0x0100_0006, 0x0100_0008, 0x0100_000f, 0x0100_001c] as const
  const faults = fc.array(
    fc.record({
      name: fc.constantFrom(...FUNCTIONS),
      skip: fc.nat({ max: 4 }),
      status: fc.constantFrom(...STATUSES),
      overstates: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )

  it('give right results or typed errors, leave nothing behind and pass with their cause', async () => {
    const software = await openSoftwareCard()
    const bytes = namedBytes('key', 16)
    const there = await software.importKey({ type: 'sm4', bytes })
    const plain = { algorithm: 'sm4-cbc', iv: IV, data: DATA } as const
    const sealed = encodeHex(await software.encrypt({ ...plain, key: there }))

    const work = (card: CryptoCard): (() => Promise<void>)[] => [
      async () => {
        const key = await card.importKey({ type: 'sm4', bytes })
        expect(encodeHex(await card.encrypt({ ...plain, key }))).to.equal(sealed)
        await card.destroyKey(key)
      },
      async () => {
        const hash = await card.createHash('sm3')
        await hash.update(DATA)
        expect(encodeHex(await hash.digest())).to.equal(
          createHash('sm3').update(DATA).digest('hex'),
        )
      },
      async () => {
        const { key, publicKey } = (await card.storedKey({ use: 'sign', name: '1' }))!
        const request = { algorithm: 'sm2-sm3', message: DATA } as const
        const signature = await card.sign({ ...request, key })
        const verified = { ...request, publicKey: publicKey!, signature }
        expect(await software.verify(verified)).to.equal(true)
      },
    ]

    await fc.assert(
      fc.asyncProperty(faults, async (chain) => {
        const card = await openSdfCard({ library, keyPair: 1, pins: PINS, maxSessions: 2 })
        try {
          for (const { name, skip, status, overstates } of chain) {
            if (overstates) device.overstate(name)
            else device.fail(name, skip, status)
            const calls = [...work(card), ...work(card)]
            for (const outcome of await Promise.allSettled(calls.map((call) => call()))) {
              if (outcome.status === 'fulfilled') continue
              expect(outcome.reason, name).to.be.instanceOf(CardError)
            }
            device.release()
            for (const call of work(card)) await call()
          }
        } finally {
          device.release()
          await card.close()
        }
        for (const counter of [
          'sharedSessions',
          'openSessions',
          'openDevices',
          'liveKeys',
        ] as const) {
          expect(device.count(counter), counter).to.equal(0)
        }
      }),
      { numRuns: 20 },
    )
  })
})
