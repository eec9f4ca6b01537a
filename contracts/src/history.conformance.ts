import type { RatingEvent, RegistryEvent, Unplaced } from '@orlop/protocol/history-events'
import type { NodeProfile } from '@orlop/protocol/ledger'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import { signMessage } from '@orlop/protocol/typed-message'
import { expect } from 'chai'
import {
  addressOfKey,
  collect,
  refusal,
  testKey,
  testProfile,
  type LedgerFixture,
} from './chain-client.fixture.ts'

interface RatingName {
  nodeId: number
  sequence: number
}

/** Calls of the contracts that no `ChainClient` makes. */
export interface CallsByHand {
  appeal(name: RatingName, reasonHash: Uint8Array): Promise<unknown>
  annul(name: RatingName, reason: string): Promise<unknown>
  dismiss(name: RatingName, reason: string): Promise<unknown>
  setTier(nodeId: number, tier: NodeProfile['tier'], reason: string): Promise<unknown>
}

export interface HistoryUnderTest {
  on: LedgerFixture
  byHand: (privateKey: Uint8Array) => CallsByHand
}

/** What keepers of the ledger's whole history read: part of the `ChainClient` suite. */
export function historyConformance(get: () => HistoryUnderTest): void {
  describe('the history of ratings', () => ratingHistory(get))
  describe('the history of the registry', () => registryHistory(get))
}

function ratingHistory(get: () => HistoryUnderTest): void {
  beforeEach(async () => {
    const { on } = get()
    await on.admitAll()
    await on.nodes[0].record(
      [0, 1, 2, 3, 4].map((sequence) => ({ commit: on.commit({ sequence }) })),
    )
  })

  it('has the ratings that did not count, without a change, where the changes have none of them', async () => {
    const { on } = get()
    const before = (await on.steward.node(1))?.creditMillionths
    for (const sequence of [0, 1, 2, 3, 4]) await on.nodes[1].rate(on.rating({ sequence }))
    const events = await collect(on.steward.ratingEvents({ nodeId: 1 }))
    const changes = await collect(on.steward.creditEvents({ nodeId: 1 }))
    expect(events.map(({ kind, sequence }) => [kind, sequence])).to.deep.equal(
      [0, 1, 2, 3, 4].map((sequence) => ['rated', sequence]),
    )
    const told = events.map((event) => (event.kind === 'rated' ? event.change : null))
    expect(told.at(-1)).to.equal(null)
    expect(told.slice(0, 4)).to.deep.equal(
      changes.map(({ beforeMillionths, afterMillionths }) => ({
        beforeMillionths,
        afterMillionths,
      })),
    )
    expect(told[0]?.beforeMillionths).to.equal(before)
    const last = events.at(-1)
    expect(last).to.include({ clientId: 1, score: 5, causeCode: RATING_CAUSES['stored-well'] })
    const { blockNumber } = await on.steward.head()
    expect(last?.position.blockNumber).to.equal(blockNumber)
  })

  it('has appeals and what the steward made of them, each with the rating that it is about', async () => {
    const { on, byHand } = get()
    const [steward, node] = [byHand(on.ledger.adminKey), byHand(on.nodeKeys[0])]
    const bad = { score: 2, causeCode: RATING_CAUSES.slow }
    await on.nodes[1].rate(on.rating({ sequence: 0, ...bad }))
    await on.nodes[1].rate(on.rating({ sequence: 1, ...bad }))
    const reasonHash = testKey(0x77)
    await node.appeal({ nodeId: 1, sequence: 0 }, reasonHash)
    await node.appeal({ nodeId: 1, sequence: 1 }, reasonHash)
    await steward.dismiss({ nodeId: 1, sequence: 0 }, 'the link was up')
    await steward.annul({ nodeId: 1, sequence: 1 }, 'the link was down')
    const events = await collect(on.steward.ratingEvents({}))
    const said = events.slice(2).map(withoutPosition)
    const facts = { nodeId: 1, clientId: 1, ...bad }
    const account = on.steward.account
    expect(said.slice(0, 3)).to.deep.equal([
      { kind: 'appealed', ...facts, sequence: 0, reasonHash },
      { kind: 'appealed', ...facts, sequence: 1, reasonHash },
      { kind: 'dismissed', ...facts, sequence: 0, steward: account, reason: 'the link was up' },
    ])
    expect(said[3]).to.deep.include({ kind: 'annulled', ...facts, sequence: 1, steward: account })
    const [annulled] = events.slice(-1)
    if (annulled?.kind !== 'annulled') throw new Error('expected an annulment')
    expect(annulled.reason).to.equal('the link was down')
    expect(annulled.change.afterMillionths).to.equal((await on.steward.node(1))?.creditMillionths)
    const changes = await collect(on.steward.creditEvents({ clientId: 1 }))
    expect(changes.map(({ kind }) => kind)).to.deep.equal(['rated', 'rated', 'annulled'])
  })

  it('takes no appeal and no decision that the contract would not', async () => {
    const { on, byHand } = get()
    const [steward, node] = [byHand(on.ledger.adminKey), byHand(on.nodeKeys[0])]
    const name = { nodeId: 1, sequence: 0 }
    expect(await refusal(node.appeal(name, testKey(1)))).to.equal('NotRated')
    await on.nodes[1].rate(on.rating({ score: 1, causeCode: RATING_CAUSES.slow }))
    expect(await refusal(steward.appeal(name, testKey(1)))).to.equal('NotTheNode')
    expect(await refusal(node.annul(name, 'mine'))).to.equal('NotSteward')
    expect(await refusal(steward.annul(name, ''))).to.equal('ReasonRefused')
    expect(await refusal(steward.dismiss(name, 'nobody asked'))).to.equal('AppealRefused')
    await node.appeal(name, testKey(1))
    expect(await refusal(node.appeal(name, testKey(1)))).to.equal('AppealRefused')
    await steward.annul(name, 'true')
    expect(await refusal(steward.annul(name, 'again'))).to.equal('AlreadyAnnulled')
  })

  it('gives events about ratings by client, node and block', async () => {
    const { on } = get()
    await on.nodes[1].rate(on.rating())
    const { blockNumber } = await on.steward.head()
    const count = async (filter: Parameters<typeof on.steward.ratingEvents>[0]) =>
      (await collect(on.steward.ratingEvents(filter))).length
    expect(await count({ clientId: 2 })).to.equal(0)
    expect(await count({ nodeId: 2 })).to.equal(0)
    expect(await count({ clientId: 1, nodeId: 1, fromBlock: blockNumber })).to.equal(1)
    expect(await count({ toBlock: blockNumber - 1 })).to.equal(0)
    expect(await count({ objectId: on.objectId })).to.equal(0)
  })
}

function registryHistory(get: () => HistoryUnderTest): void {
  /** What was told from here on, without places. */
  async function following(
    on: LedgerFixture,
    act: () => Promise<unknown>,
  ): Promise<Unplaced<RegistryEvent>[]> {
    const { blockNumber } = await on.steward.head()
    await act()
    const events = await collect(on.steward.registryEvents({ fromBlock: blockNumber + 1 }))
    return events.map(withoutPosition)
  }

  it('has every step in the life of a node, with the reasons', async () => {
    const { on, byHand } = get()
    const [node] = on.nodes
    const { tier, ...profile } = testProfile()
    const moved = { ...profile, addresses: ['/dns4/new.example/tcp/1'], capacityBytes: 7 }
    const events = await following(on, async () => {
      await node.registerNode({ ...profile, tier })
      await on.steward.admitNode(1)
      await node.heartbeat(4_242)
      await node.updateNode({ ...moved, tier })
      await byHand(on.ledger.adminKey).setTier(1, 'light', 'slow disk')
      await on.steward.drainNode(1, 'maintenance')
      await on.steward.retireNode(1, 'sold')
    })
    const state = { kind: 'nodeStateChanged', nodeId: 1 }
    expect(events).to.deep.equal([
      { kind: 'nodeRegistered', nodeId: 1, account: node.account, tier, profile },
      { ...state, from: 'pending', to: 'admitted', reason: '' },
      { kind: 'heartbeat', nodeId: 1, freeBytes: 4_242 },
      { kind: 'nodeUpdated', nodeId: 1, profile: moved },
      { kind: 'nodeTierChanged', nodeId: 1, from: 'heavy', to: 'light', reason: 'slow disk' },
      { ...state, from: 'admitted', to: 'draining', reason: 'maintenance' },
      { ...state, from: 'draining', to: 'retired', reason: 'sold' },
    ])
  })

  it('has every step in the life of a client, with its old and new keys', async () => {
    const { on } = get()
    const { message: said } = on.registration()
    const newSigner = addressOfKey(testKey(23))
    const newOpeningKey = testKey(0x55)
    const events = await following(on, async () => {
      await on.nodes[0].registerClient(on.registration())
      await on.steward.admitClient(1, 2)
      await on.steward.suspendClient(1, 'unpaid')
      const message = { clientId: 1, newSigner, newOpeningKey, nonce: 0 }
      const signed = signMessage(rotateSignerType, on.deployment, message, on.recoveryKey)
      await on.nodes[0].rotateSigner(signed)
    })
    const state = { kind: 'clientStateChanged', clientId: 1, minimumImportance: 2 }
    expect(events).to.deep.equal([
      { kind: 'clientRegistered', clientId: 1, ...said },
      { ...state, from: 'pending', to: 'admitted', reason: '' },
      { ...state, from: 'admitted', to: 'suspended', reason: 'unpaid' },
      { kind: 'signerRotated', clientId: 1, oldSigner: said.signer, newSigner, newOpeningKey },
    ])
  })

  it('has every master, and the role that comes and goes with it', async () => {
    const { on } = get()
    await on.admitAll()
    const events = await following(on, async () => {
      await on.steward.setMaster(1)
      await on.steward.setMaster(2)
    })
    const role = { role: 'steward', sender: on.steward.account }
    const [first, second] = on.nodes.map(({ account }) => account)
    expect(events).to.deep.equal([
      { kind: 'roleGranted', ...role, account: first },
      { kind: 'masterChanged', fromNodeId: null, toNodeId: 1 },
      { kind: 'roleRevoked', ...role, account: first },
      { kind: 'roleGranted', ...role, account: second },
      { kind: 'masterChanged', fromNodeId: 1, toNodeId: 2 },
    ])
  })

  it('tells of an admission together with a registration by the steward', async () => {
    const { on } = get()
    const events = await following(on, () => on.steward.registerNode(testProfile()))
    expect(events.map(({ kind }) => kind)).to.deep.equal(['nodeRegistered', 'nodeStateChanged'])
  })

  it('gives events by node, client and block, with their places', async () => {
    const { on } = get()
    const start = (await on.steward.head()).blockNumber + 1
    await on.admitAll()
    const { blockNumber, blockHash, blockTimeMs } = await on.steward.head()
    const kinds = async (filter: Parameters<typeof on.steward.registryEvents>[0]) =>
      (await collect(on.steward.registryEvents({ fromBlock: start, ...filter }))).map(
        ({ kind }) => kind,
      )
    expect(await kinds({ nodeId: 2 })).to.deep.equal(['nodeRegistered', 'nodeStateChanged'])
    expect(await kinds({ clientId: 1 })).to.deep.equal(['clientRegistered', 'clientStateChanged'])
    expect(await kinds({ clientId: 2 })).to.deep.equal([])
    expect(await kinds({ objectId: on.objectId })).to.deep.equal([])
    expect(await kinds({ toBlock: blockNumber - 1 })).to.have.length(4)
    const [last] = await collect(on.steward.registryEvents({ fromBlock: blockNumber }))
    expect(last?.position).to.include({ blockNumber, blockHash, blockTimeMs })
    expect(last?.position.transactionHash).to.match(/^0x[0-9a-f]{64}$/)
  })

  it('forgets what stood in lost blocks', async () => {
    const { on } = get()
    await on.admitAll()
    const { blockNumber } = await on.steward.head()
    const lose = await on.ledger.markLoss()
    await on.steward.suspendClient(1, 'unpaid')
    const later = () => collect(on.steward.registryEvents({ fromBlock: blockNumber + 1 }))
    expect(await later()).to.have.length(1)
    await lose()
    expect(await later()).to.deep.equal([])
  })
}

function withoutPosition<T extends RatingEvent | RegistryEvent>({ position, ...rest }: T) {
  expect(position.blockTimeMs).to.be.greaterThan(0)
  return rest as unknown as Unplaced<T>
}
