import { access, mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { formatShare } from '@orlop/crypto/thresholds/share-text'
import { silentLogger } from '@orlop/protocol/logger'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { readAudit } from '../audit/audit-log.ts'
import { type Centre, composeCentre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import { Seal } from '../root/seal.ts'
import { openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import { CardUnsealing } from './card-unsealing.ts'
import { Custody } from './custody.ts'

/** Longer than any card in software takes on a busy machine. */
const PATIENCE_MS = 30_000
/** For one that never answers. */
const NO_PATIENCE_MS = 10

/** A card in software with one SM2 key, which may hang, lie, or wait until it is let. */
class TestCard {
  readonly name = 'vault'
  readonly keyName = '1'
  hangs = false
  lies = false
  /** Calls that wait. */
  waiting: PromiseWithResolvers<undefined>[] | null = null
  #card: CryptoCard | null = null
  #stored: Awaited<ReturnType<CryptoCard['storedKey']>> = null

  async start(): Promise<void> {
    this.#card = await openSoftwareCard({ name: 'vault' })
    const { privateKey: key, publicKey } = await this.#card.generateKeyPair({ type: 'sm2' })
    this.#stored = { key, type: key.type, publicKey }
  }

  readonly open = async (): Promise<CryptoCard> => {
    if (this.hangs) return new Promise(() => undefined)
    const card = this.#card
    if (card === null) throw new TypeError('not started')
    return Object.assign(Object.create(card) as CryptoCard, {
      storedKey: () => Promise.resolve(this.#stored),
      decryptWith: async (request: Parameters<CryptoCard['decryptWith']>[0]) => {
        const call = Promise.withResolvers<undefined>()
        this.waiting?.push(call)
        if (this.waiting !== null) await call.promise
        const data = await card.decryptWith(request)
        if (this.lies) data[0]! ^= 1
        return data
      },
      close: () => Promise.resolve(),
    })
  }
}

/** A replica of a centre, with its own seal and its own card. */
class TestReplica {
  readonly centre: Centre
  readonly custody: Custody
  readonly cards: CardUnsealing
  readonly file: string
  readonly card = new TestCard()
  /** What beginning to work fails with. */
  failure: Error | null = null

  constructor(of: TestCentre, file: string, timeoutMs: number) {
    this.file = file
    this.centre = composeCentre({ ...of, seal: new Seal(of.record) })
    const { centre, card } = this
    this.cards = new CardUnsealing({ centre, card, file, logger: silentLogger, timeoutMs })
    this.custody = new Custody({
      centre,
      logger: silentLogger,
      onUnsealed: () => (this.failure === null ? Promise.resolve() : Promise.reject(this.failure)),
      keepOnCard: () => this.cards.keep(),
      onSealRecorded: () => Promise.resolve(),
      forgetOnCard: () => this.cards.forget(),
    })
  }

  get state() {
    return this.centre.seal.status.state
  }

  /** As a process that ends and starts. */
  async restart(cards = this.cards): Promise<string | null> {
    this.centre.seal.seal()
    return cards.unseal(this.custody)
  }

  keeps(): Promise<boolean> {
    return access(this.file).then(
      () => true,
      () => false,
    )
  }
}

describe('unsealing by a card', () => {
  let folder: string
  let centre: TestCentre
  let replica: TestReplica

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'okmc-card-'))
  })
  after(() => rm(folder, { recursive: true }))

  async function newReplica(name: string, timeoutMs = PATIENCE_MS): Promise<TestReplica> {
    const made = new TestReplica(centre, join(folder, name), timeoutMs)
    await made.card.start()
    return made
  }

  beforeEach(async () => {
    centre = await openTestCentre()
    replica = await newReplica('keys-on-card')
  })
  afterEach(() => rm(replica.file, { recursive: true, force: true }))

  async function giveShares({ custody }: TestReplica): Promise<void> {
    for (const share of centre.shares.slice(0, 2)) await custody.give(formatShare(share), 'carla')
  }

  it('is given by custodians, put on record, and used at every start', async () => {
    expect(await replica.restart()).to.include('may not unseal')
    await giveShares(replica)
    expect(await replica.restart()).to.equal(null)
    expect(replica.state).to.equal('unsealed')
    const entries = await Array.fromAsync(readAudit(centre.store))
    const acts = entries.map(decodeAuditEntry).map(({ act, actor }) => `${act} by ${actor}`)
    expect(acts).to.deep.equal([
      'centre.unseal by carla',
      'card.keep by centre',
      'centre.unseal by card vault',
    ])
  })

  it('ends with an administrator’s seal on every replica, on those that were off too', async () => {
    const other = await newReplica('other')
    await giveShares(replica)
    await giveShares(other)
    const copy = await readFile(replica.file)
    other.centre.seal.seal()
    expect(await replica.custody.seal('anna')).to.include({
      isRecorded: true,
      isCardForgotten: true,
    })
    expect(await replica.keeps()).to.equal(false)
    expect(await other.restart()).to.include('The centre was sealed')
    expect(await other.keeps()).to.equal(false)
    await writeFile(replica.file, copy)
    expect(await replica.restart()).to.include('The centre was sealed')
    expect([replica.state, other.state]).to.deep.equal(['sealed', 'sealed'])
    await giveShares(replica)
    expect(await replica.restart()).to.equal(null)
    expect(await other.restart(), 'its own card was given nothing since').to.include('may not')
  })

  it('ends also where the log cannot say so, and in the middle of giving it', async () => {
    replica.card.waiting = []
    const giving = giveShares(replica)
    while (replica.card.waiting.length === 0) await new Promise(setImmediate)
    centre.store.transact = () => Promise.reject(new KmcError('STORE_FAILED', 'the disk is gone'))
    expect((await replica.custody.seal('anna')).isRecorded).to.equal(false)
    for (const call of replica.card.waiting) call.resolve(undefined)
    await giving
    expect(await replica.keeps()).to.equal(false)
    expect(replica.state).to.equal('sealed')
  })

  it('is not given to a card that hangs, or opens otherwise than it seals; the centre serves all the same', async () => {
    const other = await newReplica('other', NO_PATIENCE_MS)
    other.card.hangs = true
    replica.card.lies = true
    for (const one of [replica, other]) {
      await giveShares(one)
      expect([one.state, await one.keeps()]).to.deep.equal(['unsealed', false])
    }
  })

  it('fails with a reason and a sealed centre: hanging, lying, another card, a changed file, a store that is refused', async () => {
    await giveShares(replica)
    const kept = await readFile(replica.file)
    const { card } = replica
    card.hangs = true
    const parts = { centre: replica.centre, file: replica.file, logger: silentLogger }
    const impatient = new CardUnsealing({ ...parts, card, timeoutMs: NO_PATIENCE_MS })
    expect(await replica.restart(impatient)).to.include('does not answer')
    Object.assign(card, { hangs: false, lies: true })
    expect(await replica.restart()).to.be.a('string')
    expect(replica.state).to.equal('sealed')
    card.lies = false
    const file = decodeCbor(new Uint8Array(kept), { maxBytes: 1024 }) as Record<string, Uint8Array>
    for (const [field, why] of [
      ['wrapped', 'damaged, or was encrypted to another key'],
      ['publicKey', 'another key'],
      ['centreId', 'another centre'],
    ] as const) {
      const changed = Uint8Array.from(file[field] ?? [])
      changed[changed.length - 1]! ^= 1
      await writeFile(replica.file, encodeCbor({ ...file, [field]: changed }))
      expect(await replica.restart(), field).to.include(why)
      expect(replica.state, field).to.equal('sealed')
    }
    await writeFile(replica.file, kept)
    replica.failure = new KmcError('STORE_ROLLED_BACK', 'the store is an older one')
    expect(await replica.restart()).to.include('an older one')
    expect(replica.state).to.equal('sealed')
    replica.failure = null
    expect(await replica.restart()).to.equal(null)
  })

  it('says when what it keeps cannot be removed', async () => {
    await giveShares(replica)
    await rm(replica.file)
    await mkdir(join(replica.file, 'in-the-way'), { recursive: true })
    expect((await replica.custody.seal('anna')).isCardForgotten).to.equal(false)
    expect(await replica.restart()).to.be.a('string')
  })
})
