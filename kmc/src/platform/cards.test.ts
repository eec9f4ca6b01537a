import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import { CardPool } from '@orlop/crypto/cards/pool/card-pool'
import type { PoolAlert } from '@orlop/crypto/cards/pool/pool-events'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '@orlop/crypto/testing/sdf-fixture'
import { KmcError } from '../kmc-error.ts'
import { readCardsFile } from './cards-file.ts'
import { Platform } from './platform.ts'
import { openPlatformFixture, type PlatformFixture, VOYAGE } from './platform.fixture.ts'

const QUOTA = { maxConcurrent: 4, maxWaiting: 64 }
const MESSAGE = { data: encodeUtf8('noon report'), additionalData: new Uint8Array(0) }

const canBuild = canBuildSdfFixture()
const title = canBuild ? 'cards of a centre' : `cards of a centre (needs: ${SDF_FIXTURE_NEEDS})`
// On the machine that decides, nothing is skipped.
const suite = canBuild || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let folder: string
  let file: string
  let device: SdfFixture
  let fixture: PlatformFixture
  let platform: Platform
  let pool: CardPool
  let software: CardPool
  let alerts: PoolAlert['kind'][]

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-cards-'))
    file = join(folder, 'cards.json')
    fixture = await openPlatformFixture({}, ['sm4-gcm', 'aes-256-gcm', 'hmac-sm3'])
    const library = await buildSdfFixture()
    device = controlSdfFixture(library)
    await writeFile(join(folder, 'pin'), `${SDF_FIXTURE_PIN}\n`)
    const card = { name: 'front', driver: 'sdf', library, keyPair: 1, pinFile: 'pin', sessions: 2 }
    await writeFile(file, JSON.stringify({ cards: [card] }))
  })
  after(async () => {
    await fixture.stop()
    await rm(folder, { recursive: true })
  })

  beforeEach(async () => {
    device.reset()
    alerts = []
    const onAlert = ({ kind }: PoolAlert) => alerts.push(kind)
    pool = new CardPool({ name: 'cards', defaultQuota: QUOTA, onAlert })
    for (const source of (await readCardsFile(file)).cards) pool.add(source)
    software = new CardPool({ name: 'software', defaultQuota: QUOTA })
    software.add({ name: 'software', maxConcurrent: 4, open: () => openSoftwareCard() })
    const meter = { operation: () => undefined }
    platform = new Platform({ centre: fixture.centre, pool, software, meter })
  })
  afterEach(() => Promise.all([pool.close(), software.close()]))

  const completed = () => pool.metrics().cards[0]?.completed

  /** Encrypts by cards, and decrypts in software. */
  async function roundTrip(keyId: string): Promise<void> {
    const { ciphertext } = await platform.encrypt(VOYAGE, keyId, MESSAGE)
    const sealed = { ...MESSAGE, data: ciphertext }
    expect(await fixture.platform.decrypt(VOYAGE, keyId, sealed)).to.deep.equal(MESSAGE.data)
  }

  it('do what they can, byte for byte as software, and leave the rest to it', async () => {
    await roundTrip('sm4-gcm')
    const name = { keyId: 'hmac-sm3', version: null }
    const [one, other] = await Promise.all([
      platform.mac(VOYAGE, name, MESSAGE.data),
      fixture.platform.mac(VOYAGE, name, MESSAGE.data),
    ])
    expect(one).to.deep.equal(other)
    expect(completed()).to.equal(2)
    // GM/T 0018 has no AES.
    await roundTrip('aes-256-gcm')
    expect(completed()).to.equal(2)
    expect(device.count('liveKeys')).to.equal(0)
  })

  it('may go away in the middle: the operation is done all the same, and somebody is told', async () => {
    await roundTrip('sm4-gcm')
    device.unplug()
    await roundTrip('sm4-gcm')
    expect(alerts).to.include('card-quarantined')
  })

  it('are not taken from a file that names none, and its values are not repeated', async () => {
    for (const bad of [
      '',
      '{}',
      '{"cards":[]}',
      '{"cards":[{"name":"a","driver":"sdf","library":"lib-hunter2.so"}]}',
      '{"cards":[{"name":"a","driver":"sdf","library":"/l.so","pin":"hunter2"}]}',
      '{"cards":[{"name":"a","driver":"pkcs11","library":"/l.so"}]}',
      '{"cards":[{"name":"a","driver":"sdf","library":"/l.so"}],"unseal":{"card":"hunter2","key":"1"}}',
      '{"cards":[{"name":"a","driver":"sdf","library":"/l.so"}],"unseal":{"card":"a","key":"hunter2"}}',
      '{"cards":[{"name":"a","driver":"sdf","library":"/l.so","keyPair":2}],"unseal":{"card":"a","key":"1"}}',
      '{"cards":[{"name":"a","driver":"pkcs11","library":"/l.so","token":"t"}],"unseal":{"card":"a","key":"1"}}',
      '{"cards":[{"name":"a","driver":"sdf","library":"/l"},{"name":"a","driver":"sdf","library":"/l"}]}',
    ]) {
      await writeFile(join(folder, 'bad.json'), bad)
      const error: unknown = await readCardsFile(join(folder, 'bad.json')).catch(
        (caught: unknown) => caught,
      )
      if (!(error instanceof KmcError)) throw new Error(`it was taken: ${bad}`)
      expect(error.code).to.equal('CONFIG_INVALID')
      expect(error.message).to.not.contain('hunter2')
    }
    const nowhere = await readCardsFile(join(folder, 'nothing')).catch((caught: unknown) => caught)
    expect(nowhere).to.include({ code: 'CONFIG_INVALID' })
  })
})
