import { expect } from 'chai'

import { encodeHex } from '../../bytes.ts'
import { expectRejection } from '../../testing/expect-error.ts'
import { FakePoolClock, settle } from '../../testing/fake-pool-clock.ts'
import { namedBytes, patternBytes } from '../../testing/pattern.ts'
import {
  buildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '../../testing/sdf-fixture.ts'
import type { CryptoCard } from '../card.ts'
import { CardAbsentError } from '../card-errors.ts'
import { openSdfCard } from '../sdf/open-sdf-card.ts'
import { openSoftwareCard } from '../software/open-software-card.ts'
import { CardPool } from './card-pool.ts'
import type { PoolAlert } from './pool-events.ts'

const IV = namedBytes('iv', 16)
const KEY = namedBytes('key', 16)

/** A unit of work as an application does it: its key comes in, is used and goes. */
const seal = (data: Uint8Array) => async (card: CryptoCard) => {
  const key = await card.importKey({ type: 'sm4', bytes: KEY })
  try {
    return encodeHex(await card.encrypt({ algorithm: 'sm4-cbc', key, iv: IV, data }))
  } finally {
    // A card that is gone has no key to destroy; what went wrong before says more.
    await card.destroyKey(key).catch(() => undefined)
  }
}

describe('a pool of real drivers', () => {
  const request = { appId: 'voyage', algorithms: ['sm4-cbc'], isRepeatable: true } as const
  let library: string
  let device: SdfFixture
  let clock: FakePoolClock
  let alerts: PoolAlert[]
  let pool: CardPool
  let software: CryptoCard

  const addDevice = (name: string) =>
    pool.add({
      name,
      // Together fewer than the threads that native calls run on: one is left to ask the device.
      maxConcurrent: 1,
      open: () => {
        const pins = { 1: SDF_FIXTURE_PIN }
        return openSdfCard({ library, name, keyPair: 1, pins, maxSessions: 1 })
      },
    })

  const states = () =>
    Object.fromEntries(pool.metrics().cards.map(({ name, state }) => [name, state]))

  /** Waits for native calls, which end when they end: each of them is awaited by someone here. */
  const until = async (isSo: () => boolean) => {
    for (let turn = 0; !isSo(); turn++) {
      if (turn > 1_000_000) throw new Error(`it never came: ${JSON.stringify(states())}`)
      await settle()
    }
  }

  before(async () => {
    library = await buildSdfFixture()
    device = controlSdfFixture(library)
    software = await openSoftwareCard()
  })

  after(() => software.close())

  beforeEach(() => {
    clock = new FakePoolClock()
    alerts = []
    pool = new CardPool({
      name: 'fleet',
      defaultQuota: { maxConcurrent: 64, maxWaiting: 256 },
      clock,
      onAlert: (alert) => alerts.push(alert),
    })
  })

  afterEach(async () => {
    device.release()
    await pool.close()
    expect(device.count('sharedSessions'), 'calls that met in one session').to.equal(0)
    device.reset()
    expect(device.count('liveKeys'), 'keys left behind').to.equal(0)
    expect(device.count('openSessions'), 'sessions left open').to.equal(0)
  })

  it('gives the same bytes whichever card does the work, and uses all of them', async () => {
    for (const name of ['vf0', 'vf1']) addDevice(name)
    pool.add({ name: 'software', maxConcurrent: 2, open: () => openSoftwareCard() })
    await until(() => Object.values(states()).every((state) => state === 'ready'))
    const datas = Array.from({ length: 24 }, (_, index) => patternBytes(16 * (index + 1)))
    const sealed = await Promise.all(datas.map((data) => pool.run(request, seal(data))))
    for (const [index, data] of datas.entries()) {
      expect(sealed[index]).to.equal(await seal(data)(software))
    }
    for (const { name, completed } of pool.metrics().cards) {
      expect(completed, name).to.be.greaterThan(0)
    }
  })

  it('goes on in software when a device is unplugged under way, and uses it again when it is back', async () => {
    for (const name of ['vf0', 'vf1']) addDevice(name)
    await until(() => Object.values(states()).every((state) => state === 'ready'))
    const data = patternBytes(64)
    const expected = await seal(data)(software)
    device.hold('SDF_Encrypt')
    const works = Array.from({ length: 4 }, () => pool.run(request, seal(data)))
    await device.awaitHeld(2)
    pool.add({ name: 'software', maxConcurrent: 2, open: () => openSoftwareCard() })
    await until(() => states()['software'] === 'ready')
    device.unplug()
    device.release()
    for (const sealed of await Promise.all(works)) expect(sealed).to.equal(expected)
    expect(states()).to.deep.equal({ vf0: 'quarantined', vf1: 'quarantined', software: 'ready' })
    device.reset()
    await clock.pass(1_000)
    await until(() => states()['vf0'] === 'ready' && states()['vf1'] === 'ready')
    expect(alerts.map(({ kind }) => kind).sort()).to.deep.equal([
      'card-quarantined',
      'card-quarantined',
      'card-returned',
      'card-returned',
    ])
    await pool.remove('software')
    expect(await pool.run(request, seal(data))).to.equal(expected)
  })

  it('sets a device aside that computes wrongly, by the next self-test', async () => {
    addDevice('vf0')
    await until(() => states()['vf0'] === 'ready')
    device.corrupt('SDF_Encrypt')
    await clock.pass(60_000)
    await until(() => states()['vf0'] === 'quarantined')
    const error = await expectRejection(CardAbsentError, () =>
      pool.run(request, seal(patternBytes(16))),
    )
    expect(error.message).to.contain('vf0 is quarantined').and.contain('known question')
  })
})
