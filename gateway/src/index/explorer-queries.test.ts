import { addressOfKey, collect, testKey } from '@orlop/contracts/chain-client.fixture'
import { HOUR_MS } from '@orlop/protocol/api/overview'
import { isOrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { expect } from 'chai'
import { allPages } from './index-answers.fixture.ts'
import { IndexedLedger, TEST_START_MS } from './indexed-ledger.fixture.ts'

const OTHER_OBJECT = testKey(0xab)
const NO_LOGS = { objectEvents: [], ratingEvents: [], registryEvents: [] }
const HOSTILE_NAME = `'; DROP TABLE receipts; --<script>alert("ship")</script>`

describe('ExplorerIndex, asked', () => {
  let at: IndexedLedger
  const first = () => at.index.receipts({}).items.at(-1)

  beforeEach(async () => {
    at = new IndexedLedger()
    await at.on.admitAll()
    const key = testKey(25)
    const registration = { signer: addressOfKey(key), name: HOSTILE_NAME, imoNumber: 0 }
    await at.on.steward.registerClient(at.on.registration(registration, key))
    await at.record({ sequence: 0, classCode: 4 }, { sequence: 1, index: 1, classCode: 4 })
    at.ledger.advanceTime(HOUR_MS)
    await at.record({ sequence: 0, nodeId: 2, objectId: OTHER_OBJECT, classCode: 5, level: 1 })
    await at.follower.catchUp()
  })

  const numbers = (query: Parameters<typeof at.index.receipts>[0]) =>
    at.index.receipts(query).items.map(({ nodeId, sequence }) => `${nodeId}/${sequence}`)

  it('filters receipts by each condition, and by all together', () => {
    const objectId = formatObjectId(at.on.objectId)
    expect(numbers({})).to.deep.equal(['2/0', '1/1', '1/0'])
    expect(numbers({ nodeId: 1 })).to.deep.equal(['1/1', '1/0'])
    expect(numbers({ clientId: 1, classCode: 5 })).to.deep.equal(['2/0'])
    expect(numbers({ clientId: 2 })).to.deep.equal([])
    expect(numbers({ level: 1 })).to.deep.equal(['2/0'])
    expect(numbers({ level: 2, classCode: 4 })).to.deep.equal(['1/1', '1/0'])
    expect(numbers({ objectId })).to.deep.equal(['1/1', '1/0'])
    expect(numbers({ toMs: TEST_START_MS })).to.deep.equal(['1/1', '1/0'])
    expect(numbers({ fromMs: TEST_START_MS + 1 })).to.deep.equal(['2/0'])
    expect(
      numbers({ fromMs: TEST_START_MS + HOUR_MS, toMs: TEST_START_MS + HOUR_MS }),
    ).to.deep.equal(['2/0'])
    expect(numbers({ fromMs: TEST_START_MS + 2 * HOUR_MS })).to.deep.equal([])
    const transactionHash = first()?.position.transactionHash ?? ''
    expect(numbers({ transactionHash })).to.deep.equal(['1/1', '1/0'])
    expect(numbers({ transactionHash, nodeId: 2 })).to.deep.equal([])
    expect(numbers({ transactionHash: `0x${'ab'.repeat(32)}` })).to.deep.equal([])
    const all = { clientId: 1, nodeId: 1, classCode: 4, level: 2, objectId, transactionHash }
    expect(numbers({ ...all, fromMs: 0, toMs: TEST_START_MS })).to.deep.equal(['1/1', '1/0'])
  })

  it('filters objects, and says what a page of them is by its cursor', () => {
    const ids = (query: Parameters<typeof at.index.objects>[0]) =>
      at.index.objects(query).items.map(({ objectId }) => objectId)
    const [one, other] = [formatObjectId(at.on.objectId), formatObjectId(OTHER_OBJECT)]
    expect(ids({})).to.deep.equal([other, one])
    expect(ids({ nodeId: 1 })).to.deep.equal([one])
    expect(ids({ nodeId: 2, clientId: 1 })).to.deep.equal([other])
    expect(ids({ nodeId: 2, level: 2 })).to.deep.equal([])
    expect(ids({ classCode: 4 })).to.deep.equal([one])
    expect(ids({ objectId: other })).to.deep.equal([other])
    expect(ids({ fromMs: TEST_START_MS + 1 })).to.deep.equal([other])
    const page = at.index.objects({ limit: 1 })
    expect(page.items[0]?.objectId).to.equal(other)
    expect(ids({ limit: 1, cursor: page.nextCursor ?? '' })).to.deep.equal([one])
    expect(at.index.object({ clientId: 2, objectId: one })).to.equal(null)
  })

  it('gives every item once over pages of any size', () => {
    for (const limit of [1, 2, 3]) {
      const items = allPages((cursor) => at.index.receipts({ limit, ...cursor }))
      expect(
        items.map(({ nodeId, sequence }) => `${nodeId}/${sequence}`),
        `by ${limit}`,
      ).to.deep.equal(numbers({}))
    }
    expect(allPages((cursor) => at.index.clients({ limit: 1, ...cursor }))).to.have.length(2)
    expect(allPages((cursor) => at.index.nodes({ limit: 1, ...cursor }))).to.have.length(2)
  })

  it('refuses a cursor that it did not make, or made for another list or filter', () => {
    const { nextCursor } = at.index.receipts({ limit: 1 })
    const cursor = nextCursor ?? ''
    const refused = [
      () => at.index.receipts({ cursor: 'zzzz' }),
      () => at.index.receipts({ cursor: '-' }),
      () => at.index.receipts({ cursor: `zzzzzzzzzzz${cursor.slice(cursor.indexOf('-'))}` }),
      () => at.index.receipts({ cursor, nodeId: 1 }),
      () => at.index.objects({ cursor }),
    ]
    for (const [place, ask] of refused.entries()) {
      let caught: unknown = null
      try {
        ask()
      } catch (error) {
        caught = error
      }
      expect(isOrlopError(caught, 'USAGE'), `number ${place}`).to.equal(true)
    }
  })

  it('adds up hours, days and classes, with the empty ones between', async () => {
    const { hours, classes } = at.index.overview()
    expect(hours).to.have.length(24)
    expect(hours.slice(-2).map(({ receipts }) => receipts)).to.deep.equal([2, 1])
    expect(classes).to.deep.equal([
      { classCode: 4, receipts: 2, streamBytes: 246_912 },
      { classCode: 5, receipts: 1, streamBytes: 123_456 },
    ])
    await at.record({ sequence: 2, classCode: 4 })
    await at.follower.catchUp()
    const today = at.index.statistics({ bucket: 'day' }).buckets.at(-1)
    expect(today).to.include({ receipts: 4, streamBytes: 493_824 })
    expect(today?.classes[0], 'of two hours').to.include({ classCode: 4, receipts: 3 })
    const days = at.index.statistics({ bucket: 'day', fromMs: 0, toMs: 0 })
    expect(days.buckets).to.deep.equal([
      { startMs: 0, receipts: 0, streamBytes: 0, ratings: 0, classes: [] },
    ])
    let caught: unknown = null
    try {
      at.index.statistics({ bucket: 'hour', fromMs: 0 })
    } catch (error) {
      caught = error
    }
    expect(isOrlopError(caught, 'USAGE')).to.equal(true)
  })

  it('finds objects, transactions, roots, nodes and ships by what people have of them', () => {
    const search = (q: string) => at.index.search({ q }).items
    const receipt = first()
    const objectId = formatObjectId(at.on.objectId)
    const object = { kind: 'object', clientId: 1, clientName: 'MV Example', objectId }
    expect(search(objectId)).to.deep.equal([object])
    expect(search(objectId.slice('orlop:'.length).toUpperCase())).to.deep.equal([object])
    const transactionHash = receipt?.position.transactionHash ?? ''
    const kinds = ['recorded']
    const transaction = { kind: 'transaction', transactionHash, receipts: 2, kinds }
    expect(search(transactionHash)).to.deep.equal([transaction])
    expect(search((receipt?.root ?? '').slice(2))).to.deep.include(object)
    expect(search('a01')).to.deep.equal([{ kind: 'node', nodeId: 1, name: 'A01' }])
    const ship = { kind: 'client', clientId: 1, name: 'MV Example', imoNumber: 9_074_729 }
    for (const q of ['IMO 9074729', '9074729', 'mv exam', addressOfKey(at.on.clientKey)]) {
      expect(search(q), q).to.deep.equal([ship])
    }
    expect(search('2').map(({ kind }) => kind)).to.deep.equal(
      ['node', 'client', 'node'].slice(0, 2),
    )
    for (const q of ['%', '_', `' OR 1=1 --`, 'orlop:', '0x', 'z'.repeat(52)]) {
      expect(search(q), q).to.deep.equal([])
    }
  })

  it('takes SQL and HTML in names for what they are: text', () => {
    expect(at.index.search({ q: HOSTILE_NAME }).items).to.deep.equal([
      { kind: 'client', clientId: 2, name: HOSTILE_NAME, imoNumber: null },
    ])
    expect(at.index.client(2)?.name).to.equal(HOSTILE_NAME)
    expect(numbers({})).to.have.length(3)
  })

  it('adds up what strangers claim without losing count: sums end where numbers do', async () => {
    const streamBytes = Number.MAX_SAFE_INTEGER
    const [claimed] = await collect(at.on.steward.receipts({ nodeId: 2 }))
    if (claimed === undefined) throw new Error('expected a receipt of node 2')
    const head = await at.on.steward.head()
    const end = { ...head, blockNumber: head.blockNumber + 1, blockHash: `0x${'ee'.repeat(32)}` }
    const receipts = Array.from({ length: 2_000 }, (_, logIndex) => ({
      ...{ ...claimed, nodeId: 1, sequence: 10 + logIndex, objectId: testKey(0xc0), streamBytes },
      position: { ...claimed.position, ...end, logIndex, transactionHash: end.blockHash },
    }))
    at.index.store.finish({ receipts, ...NO_LOGS }, end)
    expect(at.index.overview().totals).to.include({ receipts: 2_003, liveBytes: streamBytes })
    expect(at.index.client(1)?.classes.at(-1)?.streamBytes).to.equal(streamBytes)
    expect(at.index.node(1)?.liveBytes).to.equal(streamBytes)
    expect(at.index.object({ clientId: 1, objectId: formatObjectId(testKey(0xc0)) })).to.include({
      isTruncated: true,
      receipts: 2_000,
    })
  })
})
