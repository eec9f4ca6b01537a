import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { CardLostError } from '@orlop/crypto/cards/card-errors'
import { openSdfCard } from '@orlop/crypto/cards/sdf/open-sdf-card'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
  type SdfFixture,
} from '@orlop/crypto/testing/sdf-fixture'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { readAudit } from '../audit/audit-log.ts'
import type { UnsealingCard } from '../root/keys-on-card.ts'
import { ServedCentre } from '../testkit/served-centre.ts'

const canBuild = canBuildSdfFixture()
const title = `a card unseals the centre${canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`}`
// On the machine that decides, nothing is skipped.
const suite = canBuild || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let device: SdfFixture
  let card: UnsealingCard
  let served: ServedCentre

  before(async () => {
    const library = await buildSdfFixture()
    device = controlSdfFixture(library)
    card = {
      name: 'vault',
      keyName: '1',
      open: (signal) => openSdfCard({ library, signal, keyPair: 1, pins: { 1: SDF_FIXTURE_PIN } }),
    }
  })
  beforeEach(async () => {
    device.reset()
    served = await ServedCentre.start({ unsealing: card })
  })
  afterEach(() => served.stop())

  /** Ends it and starts it, with a card or without. */
  async function restart(options: { unsealing?: UnsealingCard | null; shares?: string[] } = {}) {
    await served.halt()
    const { facts } = await served.run({ unsealing: card, ...options })
    return { state: facts.seal.state, refusal: facts.cardRefusal }
  }

  const UNSEALED = { state: 'unsealed', refusal: null }

  async function unsealers(): Promise<string[]> {
    const entries = await Array.fromAsync(readAudit(served.running.opened.centre.store))
    const unsealings = entries.map(decodeAuditEntry).filter(({ act }) => act === 'centre.unseal')
    return unsealings.map(({ actor }) => actor)
  }

  it('at every start, from when it was made, and is on record for it', async () => {
    expect(await restart()).to.deep.equal(UNSEALED)
    expect(await restart()).to.deep.equal(UNSEALED)
    expect(await unsealers()).to.deep.equal(['console', 'card vault', 'card vault'])
    expect(device.count('liveKeys')).to.equal(0)
    expect(await restart({ unsealing: null })).to.deep.equal({ state: 'sealed', refusal: null })
  })

  it('from when custodians unseal it the next time, where it is given a card later', async () => {
    await served.stop()
    served = await ServedCentre.start()
    const first = await restart()
    expect(first.state).to.equal('sealed')
    expect(first.refusal).to.include('may not unseal the centre')
    for (const index of [1, 2]) {
      const custodian = await served.custodian(index)
      await custodian.ask(CENTRE_ROUTES.unseal, { body: { share: await served.share(index) } })
    }
    expect(await restart()).to.deep.equal(UNSEALED)
  })

  it('no more once an administrator has sealed it, until custodians have unsealed it', async () => {
    const kept = await readFile(served.home.keysOnCard)
    const administrator = await served.administrator()
    await administrator.ask(CENTRE_ROUTES.seal, {})
    expect((await restart()).state).to.equal('sealed')
    // Nor with what was kept before, brought back from a copy of the disk.
    await writeFile(served.home.keysOnCard, kept)
    const { state, refusal } = await restart()
    expect(state).to.equal('sealed')
    expect(refusal).to.include('The centre was sealed')
    const shares = [await served.share(1), await served.share(3)]
    expect(await restart({ shares })).to.deep.equal(UNSEALED)
    expect(await restart()).to.deep.equal(UNSEALED)
  })

  it('not by another key or another centre’s file, nor when either is damaged or gone: custodians do', async () => {
    const kept = await readFile(served.home.keysOnCard)
    const other = await ServedCentre.start({ unsealing: card })
    const foreign = await readFile(other.home.keysOnCard)
    await other.stop()
    for (const [bytes, why] of [
      [foreign, 'of another centre'],
      [kept.subarray(0, -1), 'is damaged'],
      [Buffer.alloc(0), 'is damaged'],
    ] as const) {
      await writeFile(served.home.keysOnCard, bytes)
      const { state, refusal } = await restart()
      expect(state).to.equal('sealed')
      expect(refusal).to.include(why)
    }
    await writeFile(served.home.keysOnCard, kept)
    const away: UnsealingCard = {
      ...card,
      open: () => Promise.reject(new CardLostError('vault', 'it went away')),
    }
    expect((await restart({ unsealing: away })).refusal).to.include('it went away')
    const none = { ...card, keyName: '9' }
    expect((await restart({ unsealing: none })).refusal).to.include("no SM2 key '9'")
    expect(await restart()).to.deep.equal(UNSEALED)
  })

  it('for its work alone: administrators and what was brought back are for custodians', async () => {
    await rm(served.home.administratorIdentity)
    await served.halt()
    const { facts } = await served.run({ unsealing: card })
    expect(facts.seal.state).to.equal('unsealed')
    expect(facts.hasNewAdministrator).to.equal(false)
    await served.halt()
    const accepted = await served.run({ unsealing: card, acceptsRollback: true })
    expect(accepted.facts.seal.state).to.equal('sealed')
  })

  it('no more by a file that stayed when the card was taken out of the configuration', async () => {
    const shares = [await served.share(1), await served.share(2)]
    await restart({ unsealing: null, shares })
    await (await served.administrator()).ask(CENTRE_ROUTES.seal, {})
    expect(await readFile(served.home.keysOnCard).catch(() => null)).to.equal(null)
  })

  it('with none of its keys on the disk in the clear', async () => {
    const { rowKey, backupKey, signingKey } = served.running.opened.centre.seal.keys
    const keys = [rowKey, backupKey, signingKey].map((key) => Buffer.from(key))
    for (const name of await readdir(served.home.path, { recursive: true })) {
      const bytes = await readFile(join(served.home.path, name)).catch(() => null)
      for (const key of keys) expect(bytes?.includes(key) ?? false, name).to.equal(false)
    }
  })
})
