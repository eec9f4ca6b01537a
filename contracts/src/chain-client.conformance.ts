import { isOrlopError } from '@orlop/protocol/errors'
import { rotateSignerType } from '@orlop/protocol/messages/identity'
import { commitType } from '@orlop/protocol/messages/storing'
import { digestOf, signMessage } from '@orlop/protocol/typed-message'
import { expect } from 'chai'
import { ZeroAddress } from 'ethers'
import { batchRoot, verifyBatchProof } from './batch-tree.ts'
import {
  LedgerFixture,
  addressOfKey,
  collect,
  refusal,
  testKey,
  testProfile,
  type LedgerUnderTest,
} from './chain-client.fixture.ts'
import { historyConformance, type HistoryUnderTest } from './history.conformance.ts'
import { receiptConformance } from './receipt.conformance.ts'

/**
 * What every `ChainClient` does the same.
 *
 * @param fresh - a ledger of its own for each test.
 */
export function chainClientConformance(
  name: string,
  fresh: () => Promise<LedgerUnderTest & Pick<HistoryUnderTest, 'byHand'>>,
): void {
  describe(`ChainClient: ${name}`, () => {
    let on: LedgerFixture
    let byHand: HistoryUnderTest['byHand']

    beforeEach(async () => {
      const ledger = await fresh()
      on = new LedgerFixture(ledger)
      ;({ byHand } = ledger)
    })

    nodeRules(() => on)
    clientRules(() => on)
    ratingRules(() => on)
    ledgerRules(() => on)
    receiptConformance(() => on)
    historyConformance(() => ({ on, byHand }))
  })
}

function nodeRules(get: () => LedgerFixture): void {
  describe('nodes', () => {
    it('registers a node as pending and shows what it said', async () => {
      const { nodes } = get()
      expect(await nodes[0].registerNode(testProfile())).to.equal(1)
      const node = await nodes[0].node(1)
      const { tier, addresses, peerId, region, capacityBytes } = testProfile()
      expect(node).to.include({ nodeId: 1, name: 'A01', state: 'pending', isMaster: false })
      expect(node).to.deep.include({ tier, addresses, peerId, region, capacityBytes })
      expect(node).to.include({ account: nodes[0].account, ratings: 0, freeBytes: capacityBytes })
    })

    it('admits at once what the steward registers', async () => {
      const { steward } = get()
      await steward.registerNode(testProfile())
      expect((await steward.node(1))?.state).to.equal('admitted')
    })

    it('leads a node through its life, and refuses other ways', async () => {
      const { nodes, steward } = get()
      await nodes[0].registerNode(testProfile())
      expect(await refusal(steward.drainNode(1, 'early'))).to.equal('NodeTransitionRefused')
      await steward.admitNode(1)
      await steward.drainNode(1, 'maintenance')
      expect((await steward.node(1))?.state).to.equal('draining')
      await steward.admitNode(1)
      await steward.retireNode(1, 'sold')
      expect((await steward.node(1))?.state).to.equal('retired')
      expect(await refusal(steward.admitNode(1))).to.equal('NodeTransitionRefused')
      expect(await refusal(steward.admitNode(9))).to.equal('UnknownNode')
    })

    it('takes one node for each account, and only valid profiles', async () => {
      const { nodes } = get()
      const long = testProfile({ name: 'n'.repeat(65) })
      expect(await refusal(nodes[0].registerNode(long))).to.equal('InvalidField')
      await nodes[0].registerNode(testProfile())
      expect(await refusal(nodes[0].registerNode(testProfile()))).to.equal('AccountInUse')
    })

    it('updates a profile but not the tier', async () => {
      const { nodes } = get()
      expect(await refusal(nodes[0].updateNode(testProfile()))).to.equal('NotANode')
      await nodes[0].registerNode(testProfile())
      const addresses = ['/dns4/a01.example/tcp/1', '/ip4/10.0.0.1/tcp/2']
      await nodes[0].updateNode(testProfile({ name: 'Bergen', addresses, tier: 'light' }))
      expect(await nodes[0].node(1)).to.deep.include({ name: 'Bergen', addresses, tier: 'heavy' })
    })

    it('keeps the free space of the last heartbeat', async () => {
      const { nodes } = get()
      expect(await refusal(nodes[0].heartbeat(5))).to.equal('NotANode')
      await nodes[0].registerNode(testProfile())
      await nodes[0].heartbeat(4_242)
      const head = await nodes[0].head()
      expect(await nodes[0].node(1)).to.include({ freeBytes: 4_242, lastSeenMs: head.blockTimeMs })
    })

    it('lists every node in order, and knows no other', async () => {
      const on = get()
      await on.admitAll()
      await on.ledger.connect(testKey(33)).registerNode(testProfile({ name: 'A03' }))
      const nodes = await on.steward.nodes()
      expect(nodes.map(({ name, state }) => `${name} ${state}`)).to.deep.equal([
        'A01 admitted',
        'A02 admitted',
        'A03 pending',
      ])
      expect(await on.steward.node(4)).to.equal(null)
    })

    it('lets only the steward admit, drain and retire', async () => {
      const { nodes } = get()
      await nodes[0].registerNode(testProfile())
      const reason = 'AccessControlUnauthorizedAccount'
      expect(await refusal(nodes[0].admitNode(1))).to.equal(reason)
      expect(await refusal(nodes[0].drainNode(1, ''))).to.equal(reason)
      expect(await refusal(nodes[0].retireNode(1, ''))).to.equal(reason)
      expect(await refusal(nodes[0].setMaster(1))).to.equal(reason)
    })

    it('makes the master steward, and its follower instead of it', async () => {
      const { nodes, steward } = get()
      await nodes[0].registerNode(testProfile())
      expect(await refusal(steward.setMaster(1))).to.equal('MasterNotAdmitted')
      await steward.admitNode(1)
      await steward.setMaster(1)
      await nodes[1].registerNode(testProfile())
      await nodes[0].admitNode(2)
      expect((await steward.nodes()).map(({ isMaster }) => isMaster)).to.deep.equal([true, false])
      expect(await refusal(steward.retireNode(1, ''))).to.equal('NodeTransitionRefused')
      await steward.setMaster(2)
      expect(await refusal(nodes[0].admitNode(2))).to.equal('AccessControlUnauthorizedAccount')
    })
  })
}

function clientRules(get: () => LedgerFixture): void {
  describe('clients', () => {
    it('registers a client that anybody relays, then admits and suspends it', async () => {
      const on = get()
      expect(await on.nodes[0].registerClient(on.registration())).to.equal(1)
      const { message } = on.registration()
      const client = await on.steward.client(1)
      expect(client).to.deep.include({ ...message, clientId: 1, state: 'pending', nonce: 0 })
      await on.steward.admitClient(1, 2)
      expect(await on.steward.client(1)).to.include({ state: 'admitted', minimumImportance: 2 })
      await on.steward.suspendClient(1, 'unpaid')
      expect(await on.steward.client(1)).to.include({ state: 'suspended' })
      expect(await refusal(on.steward.suspendClient(1, ''))).to.equal('ClientTransitionRefused')
    })

    it('lists every client in order', async () => {
      const on = get()
      expect(await on.steward.clients()).to.deep.equal([])
      await on.steward.registerClient(on.registration())
      const signer = addressOfKey(testKey(25))
      await on.nodes[0].registerClient(on.registration({ signer, name: 'Shore' }, testKey(25)))
      const clients = await on.steward.clients()
      expect(clients.map(({ name, state }) => `${name} ${state}`)).to.deep.equal([
        'MV Example admitted',
        'Shore pending',
      ])
      expect(clients[1]).to.deep.equal(await on.steward.client(2))
    })

    it('finds a client by its signer', async () => {
      const on = get()
      await on.steward.registerClient(on.registration())
      const signer = addressOfKey(on.clientKey)
      expect(await on.steward.clientBySigner(signer)).to.include({ clientId: 1, state: 'admitted' })
      expect(await on.steward.clientBySigner(signer.toLowerCase())).to.include({ clientId: 1 })
      expect(await on.steward.clientBySigner(on.steward.account)).to.equal(null)
      expect(await on.steward.client(2)).to.equal(null)
    })

    it('refuses a registration signed by another key, and a signer twice', async () => {
      const on = get()
      const forged = on.registration({}, testKey(99))
      expect(await refusal(on.steward.registerClient(forged))).to.equal('BadSignature')
      const self = on.registration({ recovery: addressOfKey(on.clientKey) })
      expect(await refusal(on.steward.registerClient(self))).to.equal('InvalidField')
      const none = on.registration({ recovery: ZeroAddress })
      expect(await refusal(on.steward.registerClient(none))).to.equal('InvalidField')
      await on.steward.registerClient(on.registration())
      expect(await refusal(on.steward.registerClient(on.registration()))).to.equal('SignerInUse')
    })

    it('replaces a signer by the recovery key, once for each nonce', async () => {
      const on = get()
      await on.steward.registerClient(on.registration())
      const newSigner = addressOfKey(testKey(23))
      const message = { clientId: 1, newSigner, newOpeningKey: testKey(0x55), nonce: 0 }
      const sign = (key: Uint8Array) => signMessage(rotateSignerType, on.deployment, message, key)
      const unopenable = { ...message, newOpeningKey: new Uint8Array(32) }
      const signed = signMessage(rotateSignerType, on.deployment, unopenable, on.recoveryKey)
      expect(await refusal(on.nodes[0].rotateSigner(signed))).to.equal('InvalidField')
      expect(await refusal(on.nodes[0].rotateSigner(sign(on.clientKey)))).to.equal('BadSignature')
      await on.nodes[0].rotateSigner(sign(on.recoveryKey))
      const client = await on.steward.clientBySigner(newSigner)
      expect(client).to.deep.include({ clientId: 1, nonce: 1, openingKey: testKey(0x55) })
      expect(await on.steward.clientBySigner(addressOfKey(on.clientKey))).to.equal(null)
      expect(await refusal(on.nodes[0].rotateSigner(sign(on.recoveryKey)))).to.equal('WrongNonce')
    })

    it('remembers the signers a client had before, the oldest first', async () => {
      const on = get()
      await on.steward.registerClient(on.registration())
      expect(await on.steward.formerSigners(1)).to.deep.equal([])
      const next = [testKey(23), testKey(24)].map(addressOfKey)
      for (const [nonce, newSigner] of next.entries()) {
        const message = { clientId: 1, newSigner, newOpeningKey: testKey(0x55), nonce }
        const signed = signMessage(rotateSignerType, on.deployment, message, on.recoveryKey)
        await on.nodes[0].rotateSigner(signed)
      }
      const former = [addressOfKey(on.clientKey), next[0]]
      expect(await on.steward.formerSigners(1)).to.deep.equal(former)
      expect(await on.steward.formerSigners(2)).to.deep.equal([])
    })
  })
}

function ratingRules(get: () => LedgerFixture): void {
  describe('ratings', () => {
    beforeEach(async () => {
      const on = get()
      await on.admitAll()
      const items = [0, 1, 2, 3, 4].map((sequence) => ({ commit: on.commit({ sequence }) }))
      await on.nodes[0].record(items)
    })

    it('lifts the credit of a node by a good rating, with an event that says so', async () => {
      const on = get()
      const before = (await on.steward.node(1))?.creditMillionths
      const transactionHash = await on.nodes[1].rate(on.rating({ sequence: 3 }))
      const node = await on.steward.node(1)
      expect(node?.ratings).to.equal(1)
      expect(node?.creditMillionths).to.be.greaterThan(before ?? Infinity)
      const events = await collect(on.steward.creditEvents({ nodeId: 1 }))
      expect(events).to.have.length(1)
      expect(events[0]).to.deep.include({
        kind: 'rated',
        nodeId: 1,
        clientId: 1,
        sequence: 3,
        score: 5,
        beforeMillionths: before,
        afterMillionths: node?.creditMillionths,
      })
      expect(events[0]?.position.transactionHash).to.equal(transactionHash)
    })

    it('rates each receipt once', async () => {
      const on = get()
      await on.nodes[1].rate(on.rating())
      expect(await refusal(on.nodes[1].rate(on.rating({ score: 1 })))).to.equal('AlreadyRated')
    })

    it('refuses ratings that are forged, without cause, out of range or about nothing', async () => {
      const on = get()
      const rate = (...input: Parameters<LedgerFixture['rating']>) =>
        refusal(on.nodes[1].rate(on.rating(...input)))
      expect(await rate({}, testKey(99))).to.equal('BadSignature')
      expect(await rate({ score: 4, causeCode: 0 })).to.equal('CauseMissing')
      expect(await rate({ score: 0 })).to.equal('ScoreRefused')
      expect(await rate({ score: 6 })).to.equal('ScoreRefused')
      expect(await rate({ sequence: 77 })).to.equal('NotRecorded')
      await on.steward.suspendClient(1, '')
      expect(await rate({})).to.equal('ClientRefused')
    })

    it('counts no more than the weight that one client has for one node in an epoch', async () => {
      const on = get()
      for (const sequence of [0, 1, 2, 3, 4]) await on.nodes[1].rate(on.rating({ sequence }))
      expect((await on.steward.node(1))?.ratings).to.equal(4)
      const events = await collect(on.steward.creditEvents({ clientId: 1 }))
      expect(events.map(({ sequence }) => sequence)).to.deep.equal([0, 1, 2, 3])
    })

    it('gives credit events by client, node and block', async () => {
      const on = get()
      await on.nodes[1].rate(on.rating())
      const { blockNumber } = await on.steward.head()
      const count = async (filter: Parameters<typeof on.steward.creditEvents>[0]) =>
        (await collect(on.steward.creditEvents(filter))).length
      expect(await count({ clientId: 2 })).to.equal(0)
      expect(await count({ nodeId: 2 })).to.equal(0)
      expect(await count({ clientId: 1, nodeId: 1, fromBlock: blockNumber })).to.equal(1)
      expect(await count({ toBlock: blockNumber - 1 })).to.equal(0)
      expect(await count({ objectId: on.objectId })).to.equal(0)
    })
  })
}

function ledgerRules(get: () => LedgerFixture): void {
  describe('the ledger', () => {
    it('says where a transaction stands, and null for one it does not have', async () => {
      const on = get()
      await on.admitAll()
      const { transactionHash } = await on.nodes[0].record([{ commit: on.commit() }])
      const head = await on.steward.head()
      const inclusion = await on.steward.inclusion(transactionHash)
      expect(inclusion).to.deep.equal({ blockNumber: head.blockNumber, isFinal: true })
      expect(await on.steward.inclusion(`0x${'ab'.repeat(32)}`)).to.equal(null)
    })

    it('forgets what stood in lost blocks, and takes it again', async () => {
      const on = get()
      await on.admitAll()
      const lose = await on.ledger.markLoss()
      const commit = on.commit()
      const first = await on.nodes[0].record([{ commit }])
      await lose()
      expect(await on.steward.inclusion(first.transactionHash)).to.equal(null)
      expect(await on.steward.isRecorded(1, 0)).to.equal(false)
      expect(await collect(on.steward.receipts({}))).to.deep.equal([])
      expect(await on.steward.cite(1, 0)).to.equal(null)
      const again = await on.nodes[0].record([{ commit }])
      expect(again.batchId).to.equal(1)
      expect(await on.steward.isRecorded(1, 0)).to.equal(true)
    })

    it('gives blocks by their numbers, and none for a number that is lost or still to come', async () => {
      const on = get()
      await on.admitAll()
      const kept = await on.steward.head()
      const lose = await on.ledger.markLoss()
      await on.nodes[0].heartbeat(1)
      const lost = await on.steward.head()
      expect(await on.steward.block(kept.blockNumber)).to.deep.equal(kept)
      expect(await on.steward.block(lost.blockNumber)).to.deep.equal(lost)
      expect(await on.steward.block(lost.blockNumber + 1)).to.equal(null)
      await lose()
      expect(await on.steward.block(lost.blockNumber)).to.equal(null)
      await on.nodes[0].heartbeat(2)
      expect((await on.steward.block(lost.blockNumber))?.blockHash).not.to.equal(lost.blockHash)
    })

    it('stops when the caller gives up', async () => {
      const { steward } = get()
      const signal = AbortSignal.abort()
      const error: unknown = await steward.nodes({ signal }).catch((caught: unknown) => caught)
      expect(isOrlopError(error, 'ABORTED')).to.equal(true)
      const reading: unknown = await collect(steward.receipts({}, { signal })).catch(
        (caught: unknown) => caught,
      )
      expect(isOrlopError(reading, 'ABORTED')).to.equal(true)
    })

    it('keeps the order of calls made at the same time by one account', async () => {
      const on = get()
      await on.admitAll()
      const fresh = on.ledger.connect(on.nodeKeys[0])
      await Promise.all([1, 2, 3, 4, 5, 6].map((freeBytes) => fresh.heartbeat(freeBytes)))
      expect((await on.steward.node(1))?.freeBytes).to.equal(6)
    })

    for (const count of [1, 2, 3, 5, 8]) {
      it(`proves each of ${count} receipts in its batch`, async () => {
        const on = get()
        await on.admitAll()
        const commits = Array.from({ length: count }, (_, sequence) => on.commit({ sequence }))
        await on.nodes[0].record(commits.map((commit) => ({ commit })))
        const leaves = commits.map(({ message }) => digestOf(commitType, on.deployment, message))
        for (const [sequence, leaf] of leaves.entries()) {
          const citation = await on.steward.cite(1, sequence)
          expect(citation?.batchId).to.equal(1)
          const isProven = verifyBatchProof(leaf, citation?.proof ?? [], batchRoot(leaves))
          expect(isProven, `receipt ${sequence}`).to.equal(true)
        }
        expect(await on.steward.cite(1, count)).to.equal(null)
      })
    }
  })
}
