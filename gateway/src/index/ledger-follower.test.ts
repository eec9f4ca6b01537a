import { testKey } from '@orlop/contracts/chain-client.fixture'
import { MemoryLedgerReader } from '@orlop/contracts/memory-ledger-reader'
import { OrlopError, isOrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import { silentLogger, type Logger } from '@orlop/protocol/logger'
import { expect } from 'chai'
import { IndexedLedger, TEST_START_MS } from './indexed-ledger.fixture.ts'
import { LedgerFollower } from './ledger-follower.ts'

const OTHER_OBJECT = testKey(0xab)

describe('LedgerFollower', () => {
  let at: IndexedLedger

  beforeEach(async () => {
    at = new IndexedLedger()
    await at.on.admitAll()
  })

  it('shows a receipt with its names, place and state', async () => {
    const { transactionHash } = await at.record({ sequence: 0 })
    await at.follower.catchUp()
    const head = await at.on.steward.head()
    const { items, nextCursor } = at.index.receipts({})
    expect(nextCursor).to.equal(null)
    expect(items).to.have.length(1)
    expect(items[0]).to.deep.include({
      objectId: formatObjectId(at.on.objectId),
      clientName: 'MV Example',
      nodeName: 'A01',
      sequence: 0,
      state: 'live',
      score: null,
      isMovable: true,
      position: { ...head, transactionHash, logIndex: 0 },
    })
    expect(at.index.progress()).to.deep.equal({ indexed: head, head, isCaughtUp: true })
  })

  it('goes on where it was, and adds nothing twice', async () => {
    await at.record({ sequence: 0 })
    await at.follower.catchUp()
    await at.follower.catchUp()
    await at.record({ sequence: 1 }, { sequence: 2 })
    await at.follower.catchUp()
    expect(at.index.receipts({}).items.map(({ sequence }) => sequence)).to.deep.equal([2, 1, 0])
    expect(at.index.overview().totals).to.include({ receipts: 3, objects: 1, liveStrips: 3 })
  })

  it('takes a lost block’s rows away with it', async () => {
    await at.record({ sequence: 0 })
    await at.follower.catchUp()
    const kept = at.index.overview()
    await at.record({ sequence: 1, objectId: OTHER_OBJECT }, { sequence: 2 })
    await at.on.nodes[1].rate(at.on.rating({ sequence: 1 }))
    await at.follower.catchUp()
    expect(at.index.overview().totals).to.include({ receipts: 3, objects: 2, ratings: 1 })
    at.ledger.dropBlocks(2)
    await at.follower.catchUp()
    expect(at.index.overview()).to.deep.equal(kept)
    expect(at.index.node(1)).to.include({ ratings: 0, isCreditConfirmed: true })
    expect(at.index.search({ q: formatObjectId(OTHER_OBJECT) }).items).to.deep.equal([])
  })

  it('replaces blocks that were lost by those that came instead', async () => {
    await at.record({ sequence: 0 })
    await at.record({ sequence: 1 })
    await at.follower.catchUp()
    at.ledger.dropBlocks(1)
    await at.record({ sequence: 7, nodeId: 2, objectId: OTHER_OBJECT })
    await at.record({ sequence: 1 })
    await at.follower.catchUp()
    const items = at.index.receipts({}).items.map(({ nodeId, sequence }) => [nodeId, sequence])
    expect(items).to.deep.equal([
      [1, 1],
      [2, 7],
      [1, 0],
    ])
  })

  it('begins anew when the ledger shares no remembered block with the index', async () => {
    await at.record({ sequence: 0 })
    await at.follower.catchUp()
    const anew = new IndexedLedger()
    // From here on its blocks have other hashes than those of the first ledger.
    anew.ledger.mineBlocks(1)
    anew.ledger.dropBlocks(1)
    await anew.on.admitAll()
    await anew.record({ sequence: 5, objectId: OTHER_OBJECT })
    const follower = new LedgerFollower({ ledger: anew.on.steward, index: at.index })
    await follower.catchUp()
    expect(at.index.receipts({}).items.map(({ sequence }) => sequence)).to.deep.equal([5])
    expect(at.index.overview().totals).to.include({ receipts: 1, objects: 1 })
  })

  it('knows what became of strips: moved, extended, removed, run out', async () => {
    const soon = TEST_START_MS / 1000 + 100
    await at.record({ sequence: 0 }, { sequence: 1, index: 1, expiry: soon })
    await at.record({ sequence: 2, objectId: OTHER_OBJECT, expiry: soon })
    const cite = { objectId: at.on.objectId }
    await at.on.steward.move(at.on.move())
    await at.follower.catchUp()
    const states = () =>
      at.index
        .receipts({})
        .items.map(({ nodeId, sequence, state }) => `${nodeId}/${sequence} ${state}`)
    expect(states()).to.deep.equal(['2/7 live', '1/2 live', '1/1 live', '1/0 moved'])
    at.ledger.advanceTime(100_000)
    at.ledger.mineBlocks(1)
    await at.follower.catchUp()
    expect(states()).to.deep.equal(['2/7 live', '1/2 expired', '1/1 expired', '1/0 moved'])
    await at.on.nodes[0].remove(at.on.remove(0))
    await at.follower.catchUp()
    expect(states()).to.deep.equal(['2/7 removed', '1/2 expired', '1/1 expired', '1/0 moved'])
    const object = at.index.object({ clientId: 1, objectId: formatObjectId(cite.objectId) })
    expect(object).to.include({ state: 'removed', liveStrips: 0, liveBytes: 0, receipts: 3 })
    expect(object?.events.map(({ kind }) => kind)).to.deep.equal(['moved', 'removed'])
    at.ledger.dropBlocks(2)
    await at.follower.catchUp()
    expect(states()).to.deep.equal(['2/7 live', '1/2 live', '1/1 live', '1/0 moved'])
  })

  it('keeps a strip longer that was extended, and takes it back with the block', async () => {
    const soon = TEST_START_MS / 1000 + 100
    await at.record({ sequence: 0, expiry: soon })
    await at.on.nodes[0].extend(at.on.extend(255, soon + 1000))
    await at.follower.catchUp()
    expect(at.index.receipts({}).items[0]).to.include({ expirySeconds: soon + 1000 })
    at.ledger.dropBlocks(1)
    await at.follower.catchUp()
    expect(at.index.receipts({}).items[0]).to.include({ expirySeconds: soon })
  })

  it('recomputes credit from ratings, and shows where the contract says otherwise', async () => {
    await at.record({ sequence: 0 }, { sequence: 1 })
    await at.on.nodes[1].rate(at.on.rating({ sequence: 0 }))
    await at.on.nodes[1].rate(at.on.rating({ sequence: 1, score: 2, causeCode: 3 }))
    await at.follower.catchUp()
    const node = await at.on.steward.node(1)
    expect(at.index.node(1)).to.include({
      creditMillionths: node?.creditMillionths,
      recomputedMillionths: node?.creditMillionths,
      isCreditConfirmed: true,
    })
    const [newest, oldest] = at.index.nodeCredit(1, {})?.items ?? []
    expect(newest).to.include({ score: 2, causeCode: 3, clientName: 'MV Example' })
    expect(newest?.recomputedMillionths).to.equal(newest?.afterMillionths)
    expect(oldest?.objectId).to.equal(formatObjectId(at.on.objectId))
    expect(at.index.receipts({}).items.map(({ score }) => score)).to.deep.equal([2, 5])
    if (node === null) throw new Error('expected node 1')
    at.index.store.putStandings({ nodes: [{ ...node, creditMillionths: 1 }], clients: [] })
    expect(at.index.node(1)).to.include({ creditMillionths: 1, isCreditConfirmed: false })
    expect(at.index.overview().creditDifferences).to.equal(1)
  })

  it('tells of records, ratings, transactions, nodes and blocks once they can be asked for, and of lost blocks', async () => {
    await at.follower.catchUp()
    const names = at.events.map(({ name }) => name)
    expect(names).to.deep.equal(['node', 'node', ...Array<string>(5).fill('transaction'), 'head'])
    at.events.length = 0
    await at.record({ sequence: 0 })
    await at.on.nodes[0].heartbeat(5)
    await at.follower.catchUp()
    expect(at.events.map(({ name }) => name)).to.deep.equal([
      ...['node', 'record', 'transaction', 'head'],
    ])
    at.events.length = 0
    await at.on.nodes[1].rate(at.on.rating())
    await at.follower.catchUp()
    expect(at.events.map(({ name }) => name)).to.deep.equal([
      ...['node', 'rating', 'transaction', 'head'],
    ])
    at.events.length = 0
    at.ledger.dropBlocks(1)
    await at.follower.catchUp()
    const { blockNumber } = await at.on.steward.head()
    expect(at.events[0]).to.deep.equal({ name: 'rollback', data: { blockNumber } })
  })

  it('stays up while the ledger is away, and says so until it is back', async () => {
    const warned = Promise.withResolvers<string>()
    const logger: Logger = {
      ...silentLogger,
      warn: (_, message) => {
        warned.resolve(message)
      },
    }
    const follower = new LedgerFollower({ ledger: at.on.steward, index: at.index, logger })
    at.ledger.setOutage(true)
    const error: unknown = await follower.catchUp().catch((caught: unknown) => caught)
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    await follower.start()
    expect(await warned.promise).to.match(/outage/)
    expect(follower.condition.ledger).to.equal('unreachable')
    at.ledger.setOutage(false)
    const seen = new Promise((resolve) => at.index.subscribe(resolve))
    await at.record({ sequence: 0 })
    await seen
    await follower.stop()
    expect(follower.condition).to.deep.equal({ ledger: 'ok', detail: null })
    expect(at.index.receipts({}).items).to.have.length(1)
  })

  it('says that another chain answers', async () => {
    const mismatch = new OrlopError('LEDGER_MISMATCH', 'is chain 1, expected 1337')
    const warned = Promise.withResolvers<string>()
    const logger: Logger = {
      ...silentLogger,
      warn: (_, message) => {
        warned.resolve(message)
      },
    }
    const ledger = new MemoryLedgerReader(at.ledger)
    ledger.head = () => Promise.reject(mismatch)
    const follower = new LedgerFollower({ ledger, index: at.index, logger })
    await follower.start()
    await warned.promise
    await follower.stop()
    expect(follower.condition).to.deep.equal({ ledger: 'mismatch', detail: mismatch.message })
  })

  it('drops what a step wrote that never ended, when its blocks are gone meanwhile', async () => {
    await at.follower.catchUp()
    await at.record({ sequence: 0 }, { sequence: 1 })
    const ledger = new MemoryLedgerReader(at.ledger)
    const receipts = ledger.receipts.bind(ledger)
    ledger.receipts = async function* (filter, options) {
      yield* receipts(filter, options)
      throw new Error('the process ends')
    }
    const dying = new LedgerFollower({ ledger, index: at.index, sliceLogs: 1 })
    await dying.catchUp().catch(() => undefined)
    expect(at.index.overview().totals.receipts, 'written before the end').to.equal(2)
    at.ledger.dropBlocks(1)
    at.ledger.mineBlocks(1)
    await at.follower.catchUp()
    expect(at.index.receipts({}).items).to.deep.equal([])
    expect(at.index.overview().totals).to.include({ receipts: 0, objects: 0, liveStrips: 0 })
  })

  it('takes nothing from a step in which the ledger changed its history', async () => {
    await at.record({ sequence: 0 })
    const ledger = new MemoryLedgerReader(at.ledger)
    const receipts = ledger.receipts.bind(ledger)
    let reads = 0
    ledger.receipts = async function* (filter, options) {
      yield* receipts(filter, options)
      reads += 1
      if (reads > 1) return
      at.ledger.dropBlocks(1)
      await at.record({ sequence: 3 })
    }
    await new LedgerFollower({ ledger, index: at.index }).catchUp()
    expect(reads).to.equal(2)
    expect(at.index.receipts({}).items.map(({ sequence }) => sequence)).to.deep.equal([3])
  })
})
