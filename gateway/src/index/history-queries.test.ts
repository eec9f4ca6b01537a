import { addressOfKey, testKey, testProfile } from '@orlop/contracts/chain-client.fixture'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedgerReader } from '@orlop/contracts/memory-ledger-reader'
import { HEARTBEAT_DAYS } from '@orlop/protocol/api/history'
import { DAY_MS } from '@orlop/protocol/api/overview'
import type { TransactionsQuery } from '@orlop/protocol/api/transactions'
import { formatObjectId } from '@orlop/protocol/ids'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import { signMessage } from '@orlop/protocol/typed-message'
import { expect } from 'chai'
import { allPages } from './index-answers.fixture.ts'
import { IndexedLedger } from './indexed-ledger.fixture.ts'
import { LedgerFollower } from './ledger-follower.ts'

const BAD = { score: 2, causeCode: RATING_CAUSES.slow }

describe('ExplorerIndex, asked for the history of ratings', () => {
  let at: IndexedLedger

  beforeEach(async () => {
    at = new IndexedLedger()
    await at.on.admitAll()
    await at.record(...[0, 1, 2, 3, 4].map((sequence) => ({ sequence })))
  })

  const rate = (sequence: number, changes = {}) =>
    at.on.nodes[1].rate(at.on.rating({ sequence, ...changes }))
  const listed = (query: Parameters<typeof at.index.ratings>[0] = {}) =>
    at.index.ratings(query).items.map(({ kind, sequence }) => `${kind} ${sequence}`)

  it('lists a rating that did not count, and leaves it out of credit, scores and totals', async () => {
    for (const sequence of [0, 1, 2, 3, 4]) await rate(sequence)
    await at.follower.catchUp()
    const [newest, before] = at.index.ratings({}).items
    expect(newest).to.include({ kind: 'rated', sequence: 4, isCounted: false, reason: null })
    expect(newest?.objectId).to.equal(formatObjectId(at.on.objectId))
    const stood = before?.afterMillionths
    expect(newest).to.include({ beforeMillionths: stood, afterMillionths: stood })
    expect(newest?.recomputedMillionths).to.equal(before?.recomputedMillionths)
    expect(listed({ isCounted: false })).to.deep.equal(['rated 4'])
    expect(listed({ isCounted: true, nodeId: 1 })).to.have.length(4)
    expect(at.index.nodeCredit(1, {})?.items.map(({ sequence }) => sequence)).to.deep.equal([
      ...[3, 2, 1, 0],
    ])
    expect(at.index.receipts({}).items.map(({ score }) => score)).to.deep.equal([null, 5, 5, 5, 5])
    expect(at.index.overview().totals.ratings).to.equal(4)
    expect(at.index.node(1)).to.include({ ratings: 4, isCreditConfirmed: true })
  })

  it('goes on counting after a rating that did not, as the contract does', async () => {
    for (const sequence of [0, 1, 2, 3]) await rate(sequence)
    await rate(4)
    at.ledger.advanceTime(DAY_MS)
    await at.record({ sequence: 5 })
    await rate(5, BAD)
    await at.follower.catchUp()
    const node = await at.on.steward.node(1)
    expect(at.index.node(1)).to.include({
      creditMillionths: node?.creditMillionths,
      recomputedMillionths: node?.creditMillionths,
    })
  })

  it('tells of appeals, dismissals and annulments, with reasons, and what they did to credit and score', async () => {
    const [steward, node] = [at.byHand(), at.byHand(at.on.nodeKeys[0])]
    await rate(0, BAD)
    await rate(1, BAD)
    await node.appeal({ nodeId: 1, sequence: 0 }, testKey(0x77))
    await steward.dismiss({ nodeId: 1, sequence: 0 }, 'the link was up')
    await steward.annul({ nodeId: 1, sequence: 1 }, 'the link was down')
    await at.follower.catchUp()
    const wanted = ['annulled 1', 'dismissed 0', 'appealed 0', 'rated 1', 'rated 0']
    expect(listed()).to.deep.equal(wanted)
    const [annulled, dismissed, appealed, rated] = at.index.ratings({}).items
    const account = at.on.steward.account
    expect(annulled).to.include({ ...BAD, reason: 'the link was down', steward: account })
    expect(dismissed).to.include({ ...BAD, reason: 'the link was up', steward: account })
    expect(appealed).to.include({ ...BAD, reason: null, reasonHash: `0x${'77'.repeat(32)}` })
    for (const still of [dismissed, appealed]) {
      const stood = rated?.afterMillionths
      expect(still).to.include({ beforeMillionths: stood, afterMillionths: stood, isCounted: true })
    }
    expect(annulled?.afterMillionths).to.equal((await at.on.steward.node(1))?.creditMillionths)
    expect(at.index.nodeCredit(1, {})?.items.map(({ kind }) => kind)).to.deep.equal([
      ...['annulled', 'rated', 'rated'],
    ])
    const scores = at.index.receipts({}).items.map(({ sequence, score }) => [sequence, score])
    expect(scores.slice(-2), 'of the annulled and the other').to.deep.equal([
      [1, null],
      [0, 2],
    ])
    expect(listed({ kind: 'appealed' })).to.deep.equal(['appealed 0'])
    expect(listed({ kind: 'annulled', nodeId: 1, clientId: 1, score: 2 })).to.have.length(1)
    const object = at.index.object({ clientId: 1, objectId: formatObjectId(at.on.objectId) })
    expect(object?.ratings.map(({ kind, sequence }) => `${kind} ${sequence}`)).to.deep.equal(
      wanted.toReversed(),
    )
    at.ledger.dropBlocks(2)
    await at.follower.catchUp()
    expect(listed()).to.deep.equal(wanted.slice(2))
  })
})

describe('ExplorerIndex, asked for the history of the registry', () => {
  let at: IndexedLedger

  beforeEach(async () => {
    at = new IndexedLedger()
    await at.on.admitAll()
  })

  const kindsOfNode = (nodeId: number) =>
    at.index.nodeHistory(nodeId, {})?.items.map(({ kind }) => kind)

  it('tells what became of a node, newest first, with reasons and what it said before', async () => {
    const [node] = at.on.nodes
    await node.updateNode(testProfile({ name: 'Bergen', capacityBytes: 7 }))
    await node.heartbeat(5)
    await at.byHand().setTier(1, 'light', 'slow disk')
    await at.on.steward.drainNode(1, 'maintenance')
    await at.follower.catchUp()
    expect(kindsOfNode(1)).to.deep.equal([
      ...['nodeStateChanged', 'nodeTierChanged', 'nodeUpdated', 'nodeStateChanged'],
      'nodeRegistered',
    ])
    const [drained, tier, updated, , registered] = at.index.nodeHistory(1, {})?.items ?? []
    expect(drained).to.include({ from: 'admitted', to: 'draining', reason: 'maintenance' })
    expect(drained).to.include({ nodeId: 1, nodeName: 'Bergen' })
    expect(tier).to.include({ from: 'heavy', to: 'light', reason: 'slow disk' })
    if (updated?.kind !== 'nodeUpdated' || registered?.kind !== 'nodeRegistered') {
      throw new Error('expected the update and the registration')
    }
    expect(updated.profile).to.include({ name: 'Bergen', capacityBytes: 7 })
    expect(updated.before).to.deep.equal(registered.profile)
    expect(registered).to.include({ account: node.account, tier: 'heavy' })
    expect(at.index.nodeHistory(9, {})).to.equal(null)
  })

  it('tells of a master in the history of the node that was and of the one that is', async () => {
    await at.on.steward.setMaster(1)
    await at.on.steward.setMaster(2)
    await at.follower.catchUp()
    const change = { fromNodeId: 1, toNodeId: 2 }
    expect(at.index.nodeHistory(1, {})?.items[0]).to.include(change)
    expect(at.index.nodeHistory(1, {})?.items[1]).to.include({ fromNodeId: null, toNodeId: 1 })
    expect(at.index.nodeHistory(2, {})?.items[0]).to.include(change)
    expect(kindsOfNode(2)).to.have.length(3)
  })

  it('tells what became of a client: admitted, suspended, with new keys', async () => {
    await at.on.steward.suspendClient(1, 'unpaid')
    const newSigner = addressOfKey(testKey(23))
    const message = { clientId: 1, newSigner, newOpeningKey: testKey(0x55), nonce: 0 }
    const signed = signMessage(rotateSignerType, at.on.deployment, message, at.on.recoveryKey)
    await at.on.nodes[0].rotateSigner(signed)
    await at.follower.catchUp()
    const [rotated, suspended, admitted, registered] = at.index.clientHistory(1, {})?.items ?? []
    const oldSigner = addressOfKey(at.on.clientKey)
    const newOpeningKey = `0x${'55'.repeat(32)}`
    expect(rotated).to.include({ kind: 'signerRotated', oldSigner, newSigner, newOpeningKey })
    expect(suspended).to.include({ from: 'admitted', to: 'suspended', reason: 'unpaid' })
    expect(admitted).to.include({ from: 'pending', to: 'admitted', clientName: 'MV Example' })
    expect(registered).to.include({
      kind: 'clientRegistered',
      signer: oldSigner,
      imoNumber: 9074729,
    })
    expect(at.index.clientHistory(2, {})).to.equal(null)
  })

  it('gives every event once over pages of any size, within the times asked for', async () => {
    for (const name of ['B', 'C', 'D']) {
      at.ledger.advanceTime(60_000)
      await at.on.nodes[0].updateNode(testProfile({ name }))
    }
    await at.on.steward.setMaster(1)
    await at.follower.catchUp()
    const all = at.index.nodeHistory(1, {})?.items ?? []
    expect(all).to.have.length(6)
    for (const limit of [1, 2, 5]) {
      const paged = allPages((cursor) => at.index.nodeHistory(1, { limit, ...cursor }) ?? never())
      expect(paged, `by ${limit}`).to.deep.equal(all)
    }
    const fromMs = all[1]?.position.blockTimeMs ?? 0
    const late = at.index.nodeHistory(1, { fromMs })?.items
    expect(late?.map(({ kind }) => kind)).to.deep.equal(['masterChanged', 'nodeUpdated'])
  })

  it('takes a lost block’s events away with it', async () => {
    await at.follower.catchUp()
    const before = kindsOfNode(1)
    await at.on.steward.drainNode(1, 'maintenance')
    await at.follower.catchUp()
    expect(kindsOfNode(1)).to.have.length(3)
    at.ledger.dropBlocks(1)
    await at.follower.catchUp()
    expect(kindsOfNode(1)).to.deep.equal(before)
  })

  it('takes SQL and HTML in reasons and names for what they are: text', async () => {
    const reason = `'); DROP TABLE registry_events;--<b>`
    const stranger = new MemoryChainClient(at.ledger, addressOfKey(testKey(33)))
    await stranger.registerNode(testProfile({ name: reason.slice(0, 64), region: '<i>' }))
    await at.on.steward.retireNode(3, reason)
    await at.follower.catchUp()
    expect(at.index.nodeHistory(3, {})?.items[0]).to.include({ reason })
    expect(kindsOfNode(3)).to.have.length(2)
  })
})

describe('ExplorerIndex, asked for transactions', () => {
  let at: IndexedLedger

  beforeEach(async () => {
    at = new IndexedLedger()
    await at.on.admitAll()
    await at.record({ sequence: 0 }, { sequence: 1, index: 1 })
    await at.on.nodes[1].rate(at.on.rating({ sequence: 0 }))
    await at.on.nodes[0].heartbeat(5)
    await at.on.steward.move(at.on.move())
    await at.on.nodes[0].extend(at.on.extend(255, 4_200_000_000))
    await at.on.nodes[0].anchorEnvelope(at.on.envelope(2, testKey(0x55)))
    await at.on.nodes[0].remove(at.on.remove(255))
    await at.follower.catchUp()
  })

  const kinds = (query: TransactionsQuery = {}) =>
    at.index.transactions(query).items.map((item) => item.kinds.join('+'))

  it('lists every one with its kinds, newest first, and heartbeats only when asked to', () => {
    const newest = ['removed', 'envelope', 'extended', 'recorded+moved']
    const older = [
      ...['rated', 'recorded', 'clientRegistered+clientStateChanged'],
      ...['nodeStateChanged', 'nodeRegistered', 'nodeStateChanged', 'nodeRegistered'],
    ]
    expect(kinds()).to.deep.equal([...newest, ...older])
    expect(kinds({ heartbeats: true })).to.deep.equal([...newest, 'heartbeat', ...older])
    expect(kinds({ kind: 'heartbeat' })).to.deep.equal(['heartbeat'])
    expect(kinds({ kind: 'recorded' })).to.deep.equal(['recorded+moved', 'recorded'])
    expect(kinds({ kind: 'annulled' })).to.deep.equal([])
  })

  it('says of each whom it is about and how much it recorded', () => {
    const of = (kind: TransactionsQuery['kind']) => at.index.transactions({ kind }).items.at(-1)
    const ship = { clientId: 1, name: 'MV Example' }
    const [first, second] = [1, 2].map((nodeId) => ({ nodeId, name: `A0${nodeId}` }))
    expect(of('recorded')).to.deep.include({ receiptCount: 2, streamBytes: 246_912 })
    expect(of('recorded')).to.deep.include({ clients: [ship], nodes: [first] })
    expect(of('moved')).to.deep.include({ receiptCount: 1, nodes: [first, second] })
    expect(of('rated')).to.deep.include({ receiptCount: 0, clients: [ship], nodes: [first] })
    expect(of('nodeRegistered')).to.deep.include({ clients: [], nodes: [first] })
    expect(of('clientRegistered')).to.deep.include({ clients: [ship], nodes: [] })
  })

  it('gives every one once over pages of any size, and refuses a cursor of another filter', () => {
    for (const limit of [1, 3, 4]) {
      const paged = allPages((cursor) => at.index.transactions({ limit, ...cursor }))
      expect(paged.map((item) => item.kinds.join('+'))).to.deep.equal(kinds())
    }
    const cursor = at.index.transactions({ limit: 1 }).nextCursor ?? ''
    expect(() => at.index.transactions({ limit: 1, cursor, kind: 'rated' })).to.throw(/cursor/)
  })

  it('shows all that happened in one', () => {
    const [moved] = at.index.transactions({ kind: 'moved' }).items
    const one = at.index.transaction(moved?.transactionHash ?? '')
    expect(one?.kinds).to.deep.equal(['recorded', 'moved'])
    expect(one?.receipts).to.have.length(1)
    expect(one?.events).to.have.length(1)
    const [joined] = at.index.transactions({ kind: 'clientRegistered' }).items
    const registration = at.index.transaction(joined?.transactionHash ?? '')
    expect(registration?.registryEvents.map(({ kind }) => kind)).to.deep.equal([
      ...['clientRegistered', 'clientStateChanged'],
    ])
    const [rated] = at.index.transactions({ kind: 'rated' }).items
    expect(at.index.transaction(rated?.transactionHash ?? '')?.ratings).to.have.length(1)
    expect(at.index.search({ q: joined?.transactionHash ?? '' }).items).to.deep.equal([
      {
        kind: 'transaction',
        transactionHash: joined?.transactionHash,
        receipts: 0,
        kinds: ['clientRegistered', 'clientStateChanged'],
      },
    ])
  })

  it('counts the records of a transaction once, also after a step that failed in the middle', async () => {
    await at.record(...[10, 11, 12].map((sequence) => ({ sequence })))
    const ledger = new MemoryLedgerReader(at.ledger)
    const registryEvents = ledger.registryEvents.bind(ledger)
    let isBad = true
    ledger.registryEvents = async function* (filter, options) {
      yield* registryEvents(filter, options)
      const position = { ...(await ledger.head()), transactionHash: '', logIndex: -1 }
      if (isBad) yield { kind: 'heartbeat', nodeId: 1, freeBytes: 1, position }
    }
    const follower = new LedgerFollower({ ledger, index: at.index })
    const failure: unknown = await follower.catchUp().catch((error: unknown) => error)
    expect(failure).to.be.instanceOf(RangeError)
    isBad = false
    await follower.catchUp()
    expect(at.index.transactions({ kind: 'recorded' }).items[0]).to.include({ receiptCount: 3 })
  })

  it('filters by time', () => {
    const [newest] = at.index.transactions({}).items
    const fromMs = (newest?.blockTimeMs ?? 0) + 1
    expect(kinds({ fromMs })).to.deep.equal([])
    expect(kinds({ toMs: fromMs })).to.have.length(11)
  })

  it('takes a lost block’s transactions away with it', async () => {
    const [newest] = at.index.transactions({}).items
    at.ledger.dropBlocks(1)
    at.ledger.mineBlocks(1)
    await at.follower.catchUp()
    expect(kinds()[0]).to.equal('envelope')
    expect(at.index.transaction(newest?.transactionHash ?? '')).to.equal(null)
  })

  it('forgets heartbeats after some days, and nothing else', async () => {
    const others = kinds()
    const [beat] = at.index.transactions({ kind: 'heartbeat' }).items
    expect(at.index.transaction(beat?.transactionHash ?? '')?.registryEvents).to.have.length(1)
    at.ledger.advanceTime(HEARTBEAT_DAYS * DAY_MS)
    await at.on.nodes[0].heartbeat(6)
    await at.follower.catchUp()
    expect(kinds({ kind: 'heartbeat' }), 'just not too old').to.have.length(2)
    at.ledger.advanceTime(1_000)
    at.ledger.mineBlocks(1)
    await at.follower.catchUp()
    expect(kinds({ kind: 'heartbeat' }), 'too old').to.have.length(1)
    expect(kinds({ heartbeats: true })).to.deep.equal(['heartbeat', ...others])
    expect(at.index.transaction(beat?.transactionHash ?? '')).to.equal(null)
    expect(at.index.search({ q: beat?.transactionHash ?? '' }).items).to.deep.equal([])
    expect(at.index.store.remembered(0), 'still there for a lost block').not.to.equal(null)
    at.ledger.advanceTime(2 * DAY_MS)
    at.ledger.mineBlocks(1)
    await at.follower.catchUp()
    expect(at.index.search({ q: beat?.transactionHash ?? '' }).items, 'gone').to.deep.equal([])
    expect(kinds()).to.deep.equal(others)
  })
})

function never(): never {
  throw new Error('expected a history')
}
