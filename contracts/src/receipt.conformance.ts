import { EVERY_STRIP, MAX_BATCH_RECEIPTS } from '@orlop/protocol/limits'
import type { LedgerFilter, RecordItem } from '@orlop/protocol/ledger'
import { expect } from 'chai'
import {
  collect,
  refusal,
  testKey,
  testProfile,
  type LedgerFixture,
} from './chain-client.fixture.ts'

/** Receipts and what happens to them: part of the `ChainClient` suite. */
export function receiptConformance(get: () => LedgerFixture): void {
  describe('recording', () => {
    beforeEach(() => get().admitAll())

    it('records a node’s own receipts without acknowledgements, readable as they were signed', async () => {
      const on = get()
      const commits = [0, 1, 2].map((sequence) => on.commit({ sequence, index: sequence % 2 }))
      const result = await on.nodes[0].record(commits.map((commit) => ({ commit })))
      expect(result).to.deep.include({ batchId: 1, rejected: [] })
      const receipts = await collect(on.steward.receipts({}))
      const { blockNumber, blockHash, blockTimeMs } = await on.steward.head()
      const { transactionHash } = result
      const place = { blockNumber, blockHash, blockTimeMs, transactionHash }
      expect(receipts).to.have.length(3)
      for (const [item, { position, ...rest }] of receipts.entries()) {
        expect(rest).to.deep.equal({ ...commits[item]?.message, batchId: 1 })
        expect(position).to.include(place)
      }
      expect(await on.steward.isRecorded(1, 2)).to.equal(true)
      expect(await on.steward.isRecorded(1, 3)).to.equal(false)
    })

    it('takes the largest numbers that JavaScript counts exactly', async () => {
      const on = get()
      const streamBytes = Number.MAX_SAFE_INTEGER
      const large = { streamBytes, expiry: streamBytes, sequence: streamBytes, nodeId: 1 }
      const commit = on.commit(large)
      await on.nodes[0].record([{ commit }])
      const [receipt] = await collect(on.steward.receipts({}))
      expect(receipt).to.include(large)
      expect((await on.steward.cite(1, streamBytes))?.proof).to.deep.equal([])
    })

    it('takes another node’s receipt from anybody with its acknowledgement', async () => {
      const on = get()
      const commit = on.commit()
      const result = await on.nodes[1].record([{ commit, ack: on.ack(commit) }])
      expect(result).to.deep.include({ batchId: 1, rejected: [] })
    })

    it('leaves bad items out, each with its reason, and records the others', async () => {
      const on = get()
      await on.ledger.connect(testKey(33)).registerNode(testProfile())
      const other = on.commit({ nodeId: 2 })
      const items: [RecordItem, string | null][] = [
        [{ commit: on.commit({ sequence: 0 }) }, null],
        [{ commit: on.commit({ sequence: 1 }, testKey(99)) }, 'BadSignature'],
        [{ commit: on.commit({ sequence: 2, expiry: 1 }) }, 'Expired'],
        [{ commit: on.commit({ sequence: 3, clientId: 9 }) }, 'UnknownClient'],
        [{ commit: on.commit({ sequence: 4, nodeId: 9 }) }, 'UnknownNode'],
        [{ commit: on.commit({ sequence: 5, nodeId: 3 }) }, 'NodeNotAdmitted'],
        [{ commit: on.commit({ sequence: 6, k: 0 }) }, 'Malformed'],
        [{ commit: on.commit({ sequence: 7, index: 2 }) }, 'Malformed'],
        [{ commit: other }, 'AckMissing'],
        [{ commit: other, ack: on.ack(other, testKey(99)) }, 'BadAck'],
        [{ commit: on.commit({ sequence: 8 }) }, null],
      ]
      const result = await on.nodes[0].record(items.map(([item]) => item))
      const wanted = items.flatMap(([, reason], item) => (reason === null ? [] : { item, reason }))
      expect(result.rejected).to.deep.equal(wanted)
      const receipts = await collect(on.steward.receipts({}))
      expect(receipts.map(({ sequence }) => sequence)).to.deep.equal([0, 8])
    })

    it('records nothing for a client that is not admitted', async () => {
      const on = get()
      await on.steward.suspendClient(1, 'unpaid')
      const { rejected, batchId } = await on.nodes[0].record([{ commit: on.commit() }])
      expect(rejected).to.deep.equal([{ item: 0, reason: 'ClientNotAdmitted' }])
      expect(batchId).to.equal(null)
    })

    it('counts a receipt put again as recorded, and refuses another under its number', async () => {
      const on = get()
      const commit = on.commit()
      await on.nodes[0].record([{ commit }])
      const again = await on.nodes[0].record([{ commit }, { commit }])
      expect(again).to.deep.include({ batchId: null, rejected: [] })
      const clash = on.commit({ root: testKey(0xdd) })
      const { rejected } = await on.nodes[0].record([{ commit: clash }])
      expect(rejected).to.deep.equal([{ item: 0, reason: 'AlreadyRecorded' }])
      expect(await collect(on.steward.receipts({}))).to.have.length(1)
    })

    it('records the same item once when it stands twice in a batch', async () => {
      const on = get()
      const commit = on.commit()
      const result = await on.nodes[0].record([{ commit }, { commit }])
      expect(result).to.deep.include({ batchId: 1, rejected: [] })
      expect(await collect(on.steward.receipts({}))).to.have.length(1)
    })

    it('refuses an empty batch and one beyond the limit', async () => {
      const on = get()
      expect(await refusal(on.nodes[0].record([]))).to.equal('BatchSizeRefused')
      const item = { commit: on.commit() }
      const many = Array.from({ length: MAX_BATCH_RECEIPTS + 1 }, () => item)
      expect(await refusal(on.nodes[0].record(many))).to.equal('BatchSizeRefused')
    })

    it('lets a draining node record what it accepted before', async () => {
      const on = get()
      await on.steward.drainNode(1, 'maintenance')
      const { batchId } = await on.nodes[0].record([{ commit: on.commit() }])
      expect(batchId).to.equal(1)
    })

    it('gives receipts by object, client, node and block, in ledger order', async () => {
      const on = get()
      const objectId = testKey(0xee)
      await on.nodes[0].record([{ commit: on.commit({ sequence: 1 }) }])
      await on.nodes[1].record([{ commit: on.commit({ nodeId: 2, objectId, sequence: 2 }) }])
      const { blockNumber } = await on.steward.head()
      await on.nodes[0].record([{ commit: on.commit({ objectId, sequence: 3 }) }])
      const sequences = async (filter: LedgerFilter) =>
        (await collect(on.steward.receipts(filter))).map(({ sequence }) => sequence)
      expect(await sequences({})).to.deep.equal([1, 2, 3])
      expect(await sequences({ objectId })).to.deep.equal([2, 3])
      expect(await sequences({ nodeId: 1 })).to.deep.equal([1, 3])
      expect(await sequences({ objectId, nodeId: 2, clientId: 1 })).to.deep.equal([2])
      expect(await sequences({ clientId: 2 })).to.deep.equal([])
      expect(await sequences({ fromBlock: blockNumber })).to.deep.equal([2, 3])
      expect(await sequences({ toBlock: blockNumber })).to.deep.equal([1, 2])
      expect(await sequences({ fromBlock: blockNumber + 5 })).to.deep.equal([])
    })
  })

  describe('extending', () => {
    beforeEach(() => recordTwoStrips(get()))

    it('keeps strips longer, and does nothing when asked again', async () => {
      const on = get()
      const expiry = 4_200_000_000
      await on.nodes[1].extend(on.extend(EVERY_STRIP, expiry))
      await on.nodes[1].extend(on.extend(EVERY_STRIP, expiry))
      const events = await collect(on.steward.objectEvents({ objectId: on.objectId }))
      expect(events).to.have.length(1)
      const { objectId } = on
      expect(events[0]).to.deep.include({ kind: 'extended', objectId, index: EVERY_STRIP, expiry })
    })

    it('refuses what is shorter, forged, removed or about nothing', async () => {
      const on = get()
      const extend = (...input: Parameters<LedgerFixture['extend']>) =>
        refusal(on.nodes[1].extend(on.extend(...input)))
      expect(await extend(0, 4_000_000_000)).to.equal('ExpiryNotLater')
      expect(await extend(0, 4_200_000_000, testKey(99))).to.equal('BadSignature')
      expect(await extend(9, 4_200_000_000)).to.equal('NotRecorded')
      await on.nodes[1].remove(on.remove(0))
      expect(await extend(0, 4_200_000_000)).to.equal('StripRemoved')
    })
  })

  describe('removing', () => {
    beforeEach(() => recordTwoStrips(get()))

    it('gives one strip up, then all, and does nothing when asked again', async () => {
      const on = get()
      await on.nodes[1].remove(on.remove(0))
      await on.nodes[1].remove(on.remove(EVERY_STRIP))
      await on.nodes[1].remove(on.remove(1))
      const events = await collect(on.steward.objectEvents({ clientId: 1 }))
      const seen = events.map((event) => event.kind === 'removed' && event.index)
      expect(seen).to.deep.equal([0, EVERY_STRIP])
    })

    it('refuses what is forged or about nothing, but not a suspended client', async () => {
      const on = get()
      expect(await refusal(on.nodes[1].remove(on.remove(0, testKey(99))))).to.equal('BadSignature')
      expect(await refusal(on.nodes[1].remove(on.remove(9)))).to.equal('NotRecorded')
      await on.steward.suspendClient(1, 'unpaid')
      await on.nodes[1].remove(on.remove(0))
      expect(await collect(on.steward.objectEvents({}))).to.have.length(1)
    })
  })

  describe('moving', () => {
    beforeEach(() => recordTwoStrips(get()))

    it('makes a receipt at the new node: same object, index and root', async () => {
      const on = get()
      await on.steward.move(on.move())
      const [receipt] = await collect(on.steward.receipts({ nodeId: 2 }))
      const { message } = on.commit()
      const { position, ...rest } = receipt!
      expect(rest).to.deep.equal({ ...message, nodeId: 2, sequence: 7, batchId: 2 })
      const [event] = await collect(on.steward.objectEvents({ nodeId: 1 }))
      expect(event).to.deep.include({ kind: 'moved', clientId: 1, ...on.move().message })
      expect(event?.position.transactionHash).to.equal(position.transactionHash)
      expect(await on.steward.cite(2, 7)).to.deep.equal({ batchId: 2, proof: [] })
      await on.nodes[0].rate(on.rating({ nodeId: 2, sequence: 7 }))
    })

    it('refuses moves that steward, client or new node did not agree to', async () => {
      const on = get()
      const move = (...input: Parameters<LedgerFixture['move']>) =>
        refusal(on.steward.move(on.move(...input)))
      expect(await refusal(on.nodes[1].move(on.move()))).to.equal('NotSteward')
      expect(await move({}, testKey(99))).to.equal('BadSignature')
      expect(await move({ index: 1 })).to.equal('BadSignature')
      expect(await move({ fromSequence: 1, index: 1 })).to.equal('MoveNotAllowed')
      expect(await move({ fromSequence: 5 })).to.equal('NotRecorded')
      expect(await move({ toNodeId: 1 }, on.nodeKeys[0])).to.equal('SameNode')
    })

    it('moves a receipt once, to a free number of an admitted node', async () => {
      const on = get()
      await on.nodes[1].record([{ commit: on.commit({ nodeId: 2, sequence: 3 }) }])
      expect(await refusal(on.steward.move(on.move({ toSequence: 3 })))).to.equal('SequenceTaken')
      await on.steward.move(on.move())
      const again = on.move({ toSequence: 8 })
      expect(await refusal(on.steward.move(again))).to.equal('AlreadyMoved')
      await on.steward.drainNode(1, '')
      const back = on.move(
        { fromNodeId: 2, fromSequence: 7, toNodeId: 1, toSequence: 50 },
        on.nodeKeys[0],
      )
      expect(await refusal(on.steward.move(back))).to.equal('NodeRefused')
    })
  })

  describe('envelopes', () => {
    beforeEach(() => get().admitAll())

    it('fixes newer versions, for equal ones the lower hash, and ignores older ones', async () => {
      const on = get()
      const steps: [number, number][] = [
        [2, 0x50],
        [1, 0x10],
        [2, 0x60],
        [2, 0x40],
        [3, 0x70],
      ]
      for (const [version, fill] of steps) {
        await on.nodes[0].anchorEnvelope(on.envelope(version, testKey(fill)))
      }
      const events = await collect(on.steward.objectEvents({ objectId: on.objectId, clientId: 1 }))
      const seen = events.map((event) =>
        event.kind === 'envelope' ? [event.version, event.envelopeHash[0]] : null,
      )
      expect(seen).to.deep.equal([
        [2, 0x50],
        [2, 0x40],
        [3, 0x70],
      ])
    })

    it('refuses an envelope that somebody else signed', async () => {
      const on = get()
      const forged = on.envelope(1, testKey(1), testKey(99))
      expect(await refusal(on.nodes[0].anchorEnvelope(forged))).to.equal('BadSignature')
    })
  })
}

/** Receipts 0 (strip 0, movable) and 1 (strip 1, not movable) of node 1. */
async function recordTwoStrips(on: LedgerFixture): Promise<void> {
  await on.admitAll()
  const movable = on.commit({ sequence: 0 })
  const fixed = on.commit({ sequence: 1, index: 1, flags: 0 })
  await on.nodes[0].record([{ commit: movable }, { commit: fixed }])
}
