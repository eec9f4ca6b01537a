import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { ClientEvent } from '@orlop/client-sdk/events'
import { openPkcs11Card } from '@orlop/crypto/cards/pkcs11/open-pkcs11-card'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { openSdfCard } from '@orlop/crypto/cards/sdf/open-sdf-card'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '@orlop/crypto/testing/sdf-fixture'
import { makeSoftTokens, SOFT_TOKEN_PIN, softTokenLibrary } from '@orlop/crypto/testing/soft-token'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
/** How often the driver calls `SDF_Encrypt` for a chunk: 1 MiB at a time, and what compression added to bytes without order. */
const CALLS_A_CHUNK = 5
/** SDR_COMMFAIL of GM/T 0018: the device does not answer any more. */
const COMMUNICATION_FAILED = 0x0100_0003
const SM4 = { suite: 'sm4-ctr-hmac-sm3' } as const
// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const hasDevice = canBuildSdfFixture()
const hasTokens = softTokenLibrary() !== null

describe('sdk: a client with a card', () => {
  let fleet: SdkFleet

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
  })
  after(() => fleet.close())

  /** What somebody without a card reads of an object. */
  async function readWithoutCard(made: SdkClient, objectId: string) {
    const { client } = await fleet.restart(made)
    const { stream, entry } = await client.retrieve({ objectId })
    return { bytes: await readAll(stream), entry }
  }

  it('is not made where the settings require a card and there is none', async () => {
    const making = fleet.client({ cards: [], settings: { cardPolicy: 'required' } })
    const refused = await making.catch((error: unknown) => error)
    expect(refused).to.have.property('code', 'CONFIG_INVALID')
  })

  const ofDevice = hasDevice || decides ? describe : describe.skip
  ofDevice(`of GM/T 0018${hasDevice ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`}`, () => {
    let library: string
    let device: SdfFixture

    before(async () => {
      library = await buildSdfFixture()
      device = controlSdfFixture(library)
    })
    beforeEach(() => device.reset())
    after(() => device.reset())

    const open = (options: { maxSessions?: number } = {}) =>
      openSdfCard({ library, keyPair: 1, pins: { 1: SDF_FIXTURE_PIN }, ...options })

    it('stores what everybody else reads without a card, and says who sealed it', async () => {
      const card = await open()
      const made = await fleet.client({ cards: [{ card }] })
      const bytes = sampleBytes(300_000)
      const stored = await made.client.store({ source: { bytes }, name: 'a', overrides: SM4 })
      const by = /^card sdf \(sdf, serial \S+\): sm4-ctr, hmac-sm3$/
      expect(stored.sealedBy).to.match(by)
      expect(stored.cipherPath).to.include(` @ ${stored.sealedBy} > chaos/wide`)
      const read = await readWithoutCard(made, stored.objectId)
      expect(Buffer.compare(read.bytes, bytes)).to.equal(0)
      expect(read.entry.cipherPath).to.equal(stored.cipherPath)
      await card.close()
    })

    it('says software where the card has not the suite', async () => {
      const card = await open()
      const { client } = await fleet.client({ cards: [{ card }] })
      const stored = await client.store({ source: { bytes: sampleBytes(70_000) }, name: 'a' })
      expect(stored).to.have.property('sealedBy', 'software')
      expect(stored.cipherPath).to.include('aes-256-gcm @ software')
      await card.close()
    })

    it('goes on in software when the device stops answering midway, and the manifest tells it', async () => {
      // One after the other: at the same time, the first might be the one that is lost.
      const card = await open({ maxSessions: 1 })
      const made = await fleet.client({ cards: [{ card }] })
      const bytes = sampleBytes(3 * CHUNK_BYTES)
      const events: ClientEvent[] = []
      device.fail('SDF_Encrypt', 2 * CALLS_A_CHUNK, COMMUNICATION_FAILED)
      const stored = await made.client.store(
        { source: { bytes }, name: 'a', overrides: SM4 },
        { onProgress: (event) => events.push(event) },
      )
      expect(stored.sealedBy).to.match(/; 2 of 3 chunks, the others by software \(CARD_LOST\)$/)
      const lost = events.filter(({ type }) => type === 'card-lost')
      expect(lost).to.have.length(1)
      expect(lost[0]).to.include({ card: 'sdf', code: 'CARD_LOST', next: null })
      const read = await readWithoutCard(made, stored.objectId)
      expect(Buffer.compare(read.bytes, bytes)).to.equal(0)
      await card.close().catch(() => undefined)
    })

    it('goes on with another card where there is one, though a card is required', async () => {
      const card = await open({ maxSessions: 1 })
      const spare = await openSoftwareCard({ name: 'spare' })
      const made = await fleet.client({
        cards: [{ card }, { card: spare }],
        settings: { cardPolicy: 'required' },
      })
      const bytes = sampleBytes(3 * CHUNK_BYTES)
      device.fail('SDF_Encrypt', 2 * CALLS_A_CHUNK, COMMUNICATION_FAILED)
      const stored = await made.client.store({ source: { bytes }, name: 'a', overrides: SM4 })
      expect(stored.sealedBy).to.match(/^cards sdf serial \S+ \(2\), spare \(1\) of 3 chunks$/)
      const read = await readWithoutCard(made, stored.objectId)
      expect(Buffer.compare(read.bytes, bytes)).to.equal(0)
      await card.close().catch(() => undefined)
      await spare.close()
    })

    it('pauses where the card is required, and goes on with it and with no one else', async () => {
      const card = await open()
      const settings = { cardPolicy: 'required' } as const
      const made = await fleet.client({ cards: [{ card }], settings })
      const path = join(await fleet.folder(), 'log.bin')
      const bytes = sampleBytes(2 * CHUNK_BYTES)
      await writeFile(path, bytes)
      device.fail('SDF_Encrypt', CALLS_A_CHUNK, COMMUNICATION_FAILED)
      const request = { source: { path }, overrides: SM4 }
      const failure = await made.client.store(request).catch((error: unknown) => error)
      expect(failure).to.have.property('code', 'CARD_UNAVAILABLE')
      expect(await made.client.uploads()).to.have.length(1)

      const without = await fleet.restart(made)
      await card.close().catch(() => undefined)
      const refused = await without.client.store(request).catch((error: unknown) => error)
      expect(refused).to.have.property('code', 'CARD_UNAVAILABLE')

      device.reset()
      const again = await open()
      const { client } = await fleet.restart(without, { cards: [{ card: again }] })
      const { stored, failed } = await client.resume()
      expect(failed).to.deep.equal([])
      expect(stored[0]?.sealedBy).to.match(/^card sdf .*: sm4-ctr, hmac-sm3$/)
      const { stream } = await client.retrieve({ objectId: stored[0]!.objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
      await again.close()
    })

    it('refuses a suite that a required card has not, before anything is offered', async () => {
      const card = await open()
      const { client } = await fleet.client({
        cards: [{ card }],
        settings: { cardPolicy: 'required' },
      })
      const events: string[] = []
      const failure = await client
        .store(
          { source: { bytes: sampleBytes(10) }, name: 'a' },
          { onProgress: ({ type }) => events.push(type) },
        )
        .catch((error: unknown) => error)
      expect(failure).to.have.property('code', 'CARD_UNAVAILABLE')
      expect(events).to.deep.equal([])
      await card.close()
    })
  })

  const ofTokens = hasTokens || decides ? it : it.skip
  const needs = hasTokens ? '' : ' (needs: apt-get install softhsm2)'
  ofTokens(`of PKCS #11 stores what everybody reads without it${needs}`, async () => {
    const configured = process.env['SOFTHSM2_CONF']
    const tokens = await makeSoftTokens('sdk')
    process.env['SOFTHSM2_CONF'] = tokens.configuration
    const card = await openPkcs11Card({
      library: tokens.library,
      token: 'sdk',
      pin: SOFT_TOKEN_PIN,
    })
    const made = await fleet.client({ cards: [{ card }] })
    const bytes = sampleBytes(CHUNK_BYTES + 5)
    const stored = await made.client.store({ source: { bytes }, name: 'a' })
    expect(stored.sealedBy).to.match(
      /^card pkcs11:sdk \(pkcs11, serial [0-9a-f]{16}\): aes-256-gcm; 1 of 2 chunks, the others by software$/,
    )
    const read = await readWithoutCard(made, stored.objectId)
    expect(Buffer.compare(read.bytes, bytes)).to.equal(0)
    await card.close()
    await tokens.remove()
    if (configured === undefined) delete process.env['SOFTHSM2_CONF']
    else process.env['SOFTHSM2_CONF'] = configured
  })
})
