import { expect } from 'chai'
import type { Wallet } from 'ethers'
import { REJECT_REASONS } from '@orlop/contracts/rejections'
import {
  NO_ACK,
  acknowledge,
  batchOf,
  commitDigest,
  commitOf,
  halves,
  pack,
  proofOf,
  recordAll,
  termsOf,
  treeOf,
  type PackedCommit,
} from './support/commits.ts'
import { Ledger, eventsOf, hash, read, send, type Commit, type Member } from './support/ledger.ts'
import { sign } from './support/messages.ts'
import { expectRevert } from './support/reverts.ts'

describe('Receipts: record', () => {
  let ledger: Ledger
  let node: Member
  let client: Member
  let stranger: Wallet

  beforeEach(async () => {
    ledger = await Ledger.deploy()
    node = await ledger.addNode('A01')
    client = await ledger.addClient('ship')
    stranger = await ledger.wallet('stranger')
  })
  afterEach(() => ledger.close())

  const commit = (sequence: number, changes: Partial<Commit> = {}): Commit => ({
    ...commitOf({ client, node, sequence }),
    ...changes,
  })
  const packed = (commits: Commit[]) => commits.map((item) => pack(ledger, item, client.wallet))
  const record = (by: Wallet, items: PackedCommit[], acks: unknown[] = []) =>
    send(ledger.receipts, by, 'record', items, acks)
  const isRecorded = (sequence: number) =>
    read<boolean>(ledger.receipts, 'isRecorded', node.id, sequence)

  /** Sends one item with good ones around it and returns why it was left out. */
  async function reasonFor(item: PackedCommit, by = node.wallet, acks: unknown[] = []) {
    const before = pack(ledger, commit(100), client.wallet)
    const after = pack(ledger, commit(101), client.wallet)
    const good = [commit(100), commit(101)].map((c) => acknowledge(ledger, c, node.wallet))
    const all = acks.length === 0 ? [] : [good[0], ...acks, good[1]]
    const receipt = await record(by, [before, item, after], all)
    const rejected = eventsOf(ledger.receipts, receipt, 'Rejected')
    const isAlone = rejected.length === 1
    expect(isAlone && rejected[0]?.args.getValue('position')).to.equal(1n)
    expect(await isRecorded(100)).to.equal(true)
    expect(await isRecorded(101)).to.equal(true)
    return REJECT_REASONS[Number(rejected[0]?.args.getValue('reason'))]
  }

  it("records a node's own batch and tells every field of each commit in one event", async () => {
    const commits = [commit(0), commit(1, { index: 1, flags: 0, classCode: 65535 }), commit(7)]
    const receipt = await record(node.wallet, packed(commits))
    const events = eventsOf(ledger.receipts, receipt)
    expect(events.map((event) => event.name)).to.deep.equal([
      'ReceiptRecorded',
      'ReceiptRecorded',
      'ReceiptRecorded',
      'BatchRecorded',
    ])
    commits.forEach((item, i) => {
      expect(events[i]?.args.toArray()).to.deep.equal([
        item.objectId,
        BigInt(client.id),
        BigInt(node.id),
        item.headerHash,
        item.root,
        termsOf(item),
      ])
    })
    for (const sequence of [0, 1, 7]) expect(await isRecorded(sequence)).to.equal(true)
    expect(await isRecorded(2)).to.equal(false)
    expect(await read(ledger.receipts, 'recordedWord', node.id, 0)).to.equal(0b1000_0011n)
  })

  it('keeps one root for each batch, and every leaf can be cited', async () => {
    const commits = [0, 1, 2, 3, 4].map((sequence) => commit(sequence))
    const receipt = await record(node.wallet, packed(commits))
    const leaves = commits.map((item) => commitDigest(ledger, item))
    const root = treeOf(leaves).at(-1)?.[0]
    const [event] = eventsOf(ledger.receipts, receipt, 'BatchRecorded')
    expect(event?.args.toArray()).to.deep.equal([1n, node.wallet.address, root, 5n])
    expect(await read(ledger.receipts, 'batchRoot', 1)).to.equal(root)
    expect(await read(ledger.receipts, 'batchCount')).to.equal(1n)
    for (const [i, item] of commits.entries()) {
      expect(await read(ledger.receipts, 'digestOf', item)).to.equal(leaves[i])
      const citation = { commit: item, batchId: 1, proof: proofOf(leaves, i) }
      await read(ledger.receipts, 'requireRecorded', citation)
      const forged = { ...citation, commit: { ...item, streamBytes: 1n } }
      await expectRevert(
        { contract: ledger.receipts, by: stranger, method: 'requireRecorded', args: [forged] },
        { error: 'NotRecorded', args: [1n, item.sequence, 1n] },
      )
    }
    const nowhere = { commit: commits[0], batchId: 2, proof: [] }
    await expectRevert(
      { contract: ledger.receipts, by: stranger, method: 'requireRecorded', args: [nowhere] },
      { error: 'NotRecorded' },
    )
  })

  it("lets anybody record with the node's acknowledgement", async () => {
    const item = commit(0)
    const acks = [acknowledge(ledger, item, node.wallet)]
    await record(stranger, packed([item]), acks)
    expect(await isRecorded(0)).to.equal(true)
  })

  it('takes items of several nodes in one batch', async () => {
    const other = await ledger.addNode('A02')
    const theirs = commitOf({ client, node: other, sequence: 0 })
    const acks = [NO_ACK, acknowledge(ledger, theirs, other.wallet)]
    await record(node.wallet, packed([commit(0), theirs]), acks)
    expect(await isRecorded(0)).to.equal(true)
    expect(await read(ledger.receipts, 'isRecorded', other.id, 0)).to.equal(true)
  })

  it('takes batches that jump between words of numbers', async () => {
    const sequences = [5, 300, 6, 1000, 301]
    await record(node.wallet, packed(sequences.map((sequence) => commit(sequence))))
    for (const sequence of sequences) expect(await isRecorded(sequence)).to.equal(true)
  })

  it('leaves out what is recorded already, in the same batch or before', async () => {
    await record(node.wallet, packed([commit(0)]))
    const other = pack(ledger, commit(0, { root: hash('another root') }), client.wallet)
    expect(await reasonFor(other)).to.equal('AlreadyRecorded')
    const twice = packed([commit(50), commit(50)])
    const receipt = await record(node.wallet, twice)
    expect(eventsOf(ledger.receipts, receipt, 'ReceiptRecorded')).to.have.length(1)
    expect(eventsOf(ledger.receipts, receipt, 'Rejected')).to.have.length(1)
  })

  it('opens no batch when nothing was accepted', async () => {
    await record(node.wallet, packed([commit(0)]))
    const receipt = await record(node.wallet, packed([commit(0)]))
    expect(batchOf(ledger.receipts, receipt)).to.equal(0n)
    expect(await read(ledger.receipts, 'batchCount')).to.equal(1n)
  })

  it('says AlreadyRecorded rather than Expired for a receipt put again much later', async () => {
    const soon = (await ledger.now()) + 100n
    const items = packed([commit(0, { expiry: soon })])
    await record(node.wallet, items)
    await ledger.passTime(200)
    expect(await reasonFor(items[0]!)).to.equal('AlreadyRecorded')
  })

  describe('one bad item never stops a batch', () => {
    it('a signature by another key', async () => {
      expect(await reasonFor(pack(ledger, commit(0), stranger))).to.equal('BadSignature')
    })

    it('every field changed after signing', async () => {
      const good = pack(ledger, commit(0), client.wallet)
      const changes: Partial<PackedCommit>[] = [
        { objectId: hash('x') },
        { headerHash: hash('x') },
        { root: hash('x') },
        { terms: good.terms ^ 1n },
        { terms: good.terms ^ (1n << 40n) },
        { terms: good.terms ^ (1n << 184n) },
        { r: hash('x') },
        { vs: `0x${'ff'.repeat(32)}` },
      ]
      const items = changes.map((change) => ({ ...good, ...change }))
      const receipt = await record(node.wallet, items)
      const rejected = eventsOf(ledger.receipts, receipt, 'Rejected')
      const reasons = rejected.map((event) => REJECT_REASONS[Number(event.args.getValue('reason'))])
      expect(reasons).to.deep.equal(changes.map(() => 'BadSignature'))
    })

    it("another contract's or chain's signature", async () => {
      const domains = [
        ledger.domainOf(ledger.credit),
        { ...ledger.domainOf(ledger.receipts), chainId: 1n },
      ]
      const good = pack(ledger, commit(0), client.wallet)
      const items = domains.map((domain) => ({
        ...good,
        ...halves(sign(client.wallet, 'Commit', domain, { ...commit(0) })),
      }))
      for (const item of items) {
        const receipt = await record(node.wallet, [item])
        expect(eventsOf(ledger.receipts, receipt)[0]?.args.getValue('reason')).to.equal(10n)
      }
    })

    it('an expired commit', async () => {
      const item = commit(0, { expiry: await ledger.now() })
      expect(await reasonFor(pack(ledger, item, client.wallet))).to.equal('Expired')
    })

    it('unknown, pending and retired nodes', async () => {
      const unknown = pack(ledger, commit(0, { nodeId: 99 }), client.wallet)
      expect(await reasonFor(unknown)).to.equal('UnknownNode')
      const none = pack(ledger, commit(0, { nodeId: 0 }), client.wallet)
      const receipt = await record(node.wallet, [none])
      expect(eventsOf(ledger.receipts, receipt)[0]?.args.getValue('reason')).to.equal(2n)
      const pending = await ledger.addNode('A02', false)
      const item = pack(ledger, commit(0, { nodeId: pending.id }), client.wallet)
      for (const method of ['none', 'retireNode']) {
        if (method !== 'none') await send(ledger.registry, ledger.admin, method, pending.id, 'sold')
        const again = await record(pending.wallet, [item])
        expect(eventsOf(ledger.receipts, again)[0]?.args.getValue('reason')).to.equal(3n)
      }
    })

    it('unknown, pending and suspended clients', async () => {
      const unknown = pack(ledger, commit(0, { clientId: 99 }), client.wallet)
      expect(await reasonFor(unknown)).to.equal('UnknownClient')
      const pending = await ledger.addClient('new ship', false)
      const item = pack(ledger, commit(0, { clientId: pending.id }), pending.wallet)
      const receipt = await record(node.wallet, [item])
      expect(eventsOf(ledger.receipts, receipt)[0]?.args.getValue('reason')).to.equal(9n)
      await send(ledger.registry, ledger.admin, 'suspendClient', client.id, 'unpaid')
      const late = await record(node.wallet, packed([commit(0)]))
      expect(eventsOf(ledger.receipts, late)[0]?.args.getValue('reason')).to.equal(9n)
    })

    it('missing and false acknowledgements', async () => {
      const item = pack(ledger, commit(0), client.wallet)
      expect(await reasonFor(item, stranger, [NO_ACK])).to.equal('AckMissing')
      const by = acknowledge(ledger, commit(0), client.wallet)
      const other = acknowledge(ledger, commit(1), node.wallet)
      const huge = { ...acknowledge(ledger, commit(0), node.wallet), storedAtMs: 1n << 64n }
      for (const ack of [by, other, huge]) {
        const receipt = await record(stranger, [item], [ack])
        expect(eventsOf(ledger.receipts, receipt)[0]?.args.getValue('reason')).to.equal(7n)
      }
      const none = await record(stranger, [item])
      expect(eventsOf(ledger.receipts, none)[0]?.args.getValue('reason')).to.equal(6n)
    })

    it('words that say what no commit can say', async () => {
      const good = pack(ledger, commit(0), client.wallet)
      const malformed = [
        commit(0, { k: 0, m: 1 }),
        commit(0, { k: 200, m: 56, index: 3 }),
        commit(0, { index: 2 }),
        commit(0, { index: 255 }),
      ].map((item) => pack(ledger, item, client.wallet))
      malformed.push({ ...good, terms: good.terms | (1n << 248n) })
      malformed.push({ ...good, parties: good.parties | (1n << 64n) })
      const receipt = await record(node.wallet, malformed)
      const rejected = eventsOf(ledger.receipts, receipt, 'Rejected')
      expect(rejected.map((event) => event.args.getValue('reason') as unknown)).to.deep.equal(
        malformed.map(() => 1n),
      )
    })
  })

  it('records for a draining node, which may hold what it accepted before', async () => {
    await send(ledger.registry, ledger.admin, 'drainNode', node.id, 'dry dock')
    await record(node.wallet, packed([commit(0)]))
    expect(await isRecorded(0)).to.equal(true)
  })

  it("stops taking the former signer's commits once the key is rotated", async () => {
    const recovery = await ledger.wallet('recovery of ship')
    const newSigner = await ledger.wallet('new signer')
    const message = {
      clientId: client.id,
      newSigner: newSigner.address,
      newOpeningKey: hash('new key'),
      nonce: 0n,
    }
    const signature = ledger.sign(recovery, 'RotateSigner', message)
    await send(ledger.registry, stranger, 'rotateSigner', message, signature)
    expect(await reasonForRotated(client.wallet)).to.equal('BadSignature')
    expect(await reasonForRotated(newSigner)).to.equal(undefined)
  })

  async function reasonForRotated(signer: Wallet) {
    const receipt = await record(node.wallet, [pack(ledger, commit(0), signer)])
    const [rejected] = eventsOf(ledger.receipts, receipt, 'Rejected')
    return rejected === undefined
      ? undefined
      : REJECT_REASONS[Number(rejected.args.getValue('reason'))]
  }

  it('takes 1 to 500 items and acknowledgements for none or all', async () => {
    const item = pack(ledger, commit(0), client.wallet)
    const call = (args: unknown[]) => ({
      contract: ledger.receipts,
      by: node.wallet,
      method: 'record',
      args,
    })
    const refused = (args: unknown[]) => ({ error: 'BatchSizeRefused', args })
    await expectRevert(call([[], []]), refused([0n]))
    await expectRevert(call([Array.from({ length: 501 }, () => item), []]), refused([501n]))
    await expectRevert(call([[item, item], [NO_ACK]]), {
      error: 'AckCountMismatch',
      args: [2n, 1n],
    })
  })
})

describe('Receipts: afterwards', () => {
  let ledger: Ledger
  let node: Member
  let client: Member
  let stranger: Wallet

  beforeEach(async () => {
    ledger = await Ledger.deploy()
    node = await ledger.addNode('A01')
    client = await ledger.addClient('ship')
    stranger = await ledger.wallet('stranger')
  })
  afterEach(() => ledger.close())

  const call = (method: string, args: unknown[], by = stranger) => ({
    contract: ledger.receipts,
    by,
    method,
    args,
  })

  async function recorded(changes: Partial<Commit> = {}, sequence = 0) {
    const base = { ...commitOf({ client, node, sequence, label: 'object' }), ...changes }
    const [citation] = await recordAll(ledger, [base], { client, node })
    return citation!
  }

  describe('extend', () => {
    const expiryOf = (objectId: string, index: number) =>
      read<bigint>(ledger.receipts, 'extendedExpiry', client.id, objectId, index)

    it('keeps one strip longer, and all strips longer', async () => {
      const citation = await recorded()
      const { objectId } = citation.commit
      const one = { objectId, clientId: client.id, index: 0, expiry: 4_100_000_000n }
      const signature = ledger.sign(client.wallet, 'Extend', one)
      const receipt = await send(ledger.receipts, stranger, 'extend', one, signature, citation)
      const [event] = eventsOf(ledger.receipts, receipt, 'Extended')
      expect(event?.args.toArray()).to.deep.equal([objectId, 1n, 0n, 4_100_000_000n])
      expect(await expiryOf(objectId, 0)).to.equal(4_100_000_000n)
      expect(await expiryOf(objectId, 1)).to.equal(0n)
      const all = { ...one, index: 255, expiry: 4_200_000_000n }
      const allSigned = ledger.sign(client.wallet, 'Extend', all)
      await send(ledger.receipts, stranger, 'extend', all, allSigned, citation)
      expect(await expiryOf(objectId, 1)).to.equal(4_200_000_000n)
      expect(await expiryOf(objectId, 0)).to.equal(4_200_000_000n)
    })

    it('does nothing the second time, and never goes back', async () => {
      const citation = await recorded()
      const { objectId } = citation.commit
      const message = { objectId, clientId: client.id, index: 0, expiry: 4_100_000_000n }
      const args = [message, ledger.sign(client.wallet, 'Extend', message), citation]
      await send(ledger.receipts, stranger, 'extend', ...args)
      const again = await send(ledger.receipts, stranger, 'extend', ...args)
      expect(again.logs).to.have.length(0)
      const shorter = { ...message, expiry: 4_000_000_001n }
      const signature = ledger.sign(client.wallet, 'Extend', shorter)
      await expectRevert(call('extend', [shorter, signature, citation]), {
        error: 'ExpiryNotLater',
        args: [4_000_000_001n, 4_100_000_000n],
      })
    })

    it('needs the client, its own receipt, and time left', async () => {
      const soon = (await ledger.now()) + 100n
      const citation = await recorded({ expiry: soon })
      const { objectId } = citation.commit
      const message = { objectId, clientId: client.id, index: 0, expiry: 4_100_000_000n }
      const signature = ledger.sign(client.wallet, 'Extend', message)
      const forged = ledger.sign(stranger, 'Extend', message)
      await expectRevert(call('extend', [message, forged, citation]), { error: 'BadSignature' })
      const otherStrip = { ...message, index: 1 }
      await expectRevert(call('extend', [otherStrip, signature, citation]), {
        error: 'CitationMismatch',
      })
      const otherObject = { ...message, objectId: hash('other') }
      await expectRevert(call('extend', [otherObject, signature, citation]), {
        error: 'CitationMismatch',
      })
      await ledger.passTime(200)
      await expectRevert(call('extend', [message, signature, citation]), {
        error: 'ReceiptExpired',
        args: [soon],
      })
    })
  })

  describe('remove', () => {
    it('is for good, does nothing the second time, and ends extensions', async () => {
      const citation = await recorded()
      const { objectId } = citation.commit
      const message = { objectId, clientId: client.id, index: 0 }
      const args = [message, ledger.sign(client.wallet, 'Remove', message), citation]
      const receipt = await send(ledger.receipts, stranger, 'remove', ...args)
      const [event] = eventsOf(ledger.receipts, receipt, 'Removed')
      expect(event?.args.toArray()).to.deep.equal([objectId, 1n, 0n])
      const again = await send(ledger.receipts, stranger, 'remove', ...args)
      expect(again.logs).to.have.length(0)
      const isRemoved = (index: number) =>
        read<boolean>(ledger.receipts, 'isRemoved', client.id, objectId, index)
      expect(await isRemoved(0)).to.equal(true)
      expect(await isRemoved(1)).to.equal(false)
      const longer = { ...message, expiry: 4_100_000_000n }
      const signature = ledger.sign(client.wallet, 'Extend', longer)
      await expectRevert(call('extend', [longer, signature, citation]), { error: 'StripRemoved' })
    })

    it('covers every strip with index 255', async () => {
      const citation = await recorded()
      const { objectId } = citation.commit
      const message = { objectId, clientId: client.id, index: 255 }
      const signature = ledger.sign(client.wallet, 'Remove', message)
      await send(ledger.receipts, stranger, 'remove', message, signature, citation)
      for (const index of [0, 1, 254]) {
        expect(await read(ledger.receipts, 'isRemoved', client.id, objectId, index)).to.equal(true)
      }
    })

    it('is refused to everybody but the client, and allowed to a suspended one', async () => {
      const citation = await recorded()
      const other = await ledger.addClient('other ship')
      const message = { objectId: citation.commit.objectId, clientId: client.id, index: 0 }
      const forged = ledger.sign(other.wallet, 'Remove', message)
      await expectRevert(call('remove', [message, forged, citation]), { error: 'BadSignature' })
      const asOther = { ...message, clientId: other.id }
      const signed = ledger.sign(other.wallet, 'Remove', asOther)
      await expectRevert(call('remove', [asOther, signed, citation]), { error: 'CitationMismatch' })
      await send(ledger.registry, ledger.admin, 'suspendClient', client.id, 'unpaid')
      const own = ledger.sign(client.wallet, 'Remove', message)
      const receipt = await send(ledger.receipts, stranger, 'remove', message, own, citation)
      expect(eventsOf(ledger.receipts, receipt, 'Removed')).to.have.length(1)
    })
  })

  describe('move', () => {
    const moveOf = (commit: Commit, toNodeId: number, toSequence: bigint) => ({
      objectId: commit.objectId,
      index: commit.index,
      fromNodeId: commit.nodeId,
      fromSequence: commit.sequence,
      toNodeId,
      toSequence,
    })

    it('keeps object, index, root and all else, and the new receipt can be cited and moved on', async () => {
      const citation = await recorded()
      const next = await ledger.addNode('A02')
      const message = moveOf(citation.commit, next.id, 9n)
      const signature = ledger.sign(next.wallet, 'Move', message)
      const args = [next.id, 9n, signature, citation]
      const receipt = await send(ledger.receipts, ledger.admin, 'move', ...args)
      const moved = { ...citation.commit, nodeId: next.id, sequence: 9n }
      const events = eventsOf(ledger.receipts, receipt)
      expect(events.map((event) => event.name)).to.deep.equal([
        'ReceiptRecorded',
        'BatchRecorded',
        'Moved',
      ])
      expect(events[0]?.args.toArray()).to.deep.equal([
        moved.objectId,
        1n,
        BigInt(next.id),
        moved.headerHash,
        moved.root,
        termsOf(moved),
      ])
      expect(events[2]?.args.toArray()).to.deep.equal([
        moved.objectId,
        BigInt(node.id),
        BigInt(next.id),
        1n,
        0n,
        0n,
        9n,
        2n,
      ])
      expect(await read(ledger.receipts, 'isMoved', node.id, 0)).to.equal(true)
      expect(await read(ledger.receipts, 'isRecorded', next.id, 9)).to.equal(true)
      const again = { commit: moved, batchId: 2n, proof: [] }
      await read(ledger.receipts, 'requireRecorded', again)
      await expectRevert(call('move', args, ledger.admin), { error: 'AlreadyMoved' })
      const back = moveOf(moved, node.id, 1n)
      const backSigned = ledger.sign(node.wallet, 'Move', back)
      await send(ledger.receipts, ledger.admin, 'move', node.id, 1n, backSigned, again)
      expect(await read(ledger.receipts, 'isMoved', next.id, 9)).to.equal(true)
    })

    it('is for the steward, with the new node agreeing', async () => {
      const citation = await recorded()
      const next = await ledger.addNode('A02')
      const message = moveOf(citation.commit, next.id, 9n)
      const signature = ledger.sign(next.wallet, 'Move', message)
      await expectRevert(call('move', [next.id, 9n, signature, citation]), {
        error: 'NotSteward',
        args: [stranger.address],
      })
      const refused = (args: unknown[], error: string) =>
        expectRevert(call('move', args, ledger.admin), { error })
      const forged = ledger.sign(node.wallet, 'Move', message)
      await refused([next.id, 9n, forged, citation], 'BadSignature')
      await refused([next.id, 8n, signature, citation], 'BadSignature')
      await refused([node.id, 9n, signature, citation], 'SameNode')
      await send(ledger.registry, ledger.admin, 'drainNode', next.id, 'full')
      await refused([next.id, 9n, signature, citation], 'NodeRefused')
    })

    it("is refused without the client's leave, after removal or expiry, or to a taken number", async () => {
      const next = await ledger.addNode('A02')
      const refused = async (commit: Partial<Commit>, sequence: number, error: string) => {
        const citation = await recorded(commit, sequence)
        await expectMoveRefused(citation, next, error)
      }
      await refused({ flags: 0 }, 0, 'MoveNotAllowed')
      const taken = { ...commitOf({ client, node: next, sequence: 9 }) }
      await recordAll(ledger, [taken], { client, node: next })
      await refused({}, 1, 'SequenceTaken')
      const removed = await recorded({ objectId: hash('removed') }, 2)
      const message = { objectId: hash('removed'), clientId: client.id, index: 255 }
      const signature = ledger.sign(client.wallet, 'Remove', message)
      await send(ledger.receipts, stranger, 'remove', message, signature, removed)
      await expectMoveRefused(removed, next, 'StripRemoved')
      const expiring = await recorded({ expiry: (await ledger.now()) + 100n }, 3)
      await ledger.passTime(200)
      await expectMoveRefused(expiring, next, 'ReceiptExpired')
    })

    async function expectMoveRefused(
      citation: Awaited<ReturnType<typeof recorded>>,
      next: Member,
      error: string,
    ) {
      const message = moveOf(citation.commit, next.id, 9n)
      const signature = ledger.sign(next.wallet, 'Move', message)
      const args = [next.id, 9n, signature, citation]
      await expectRevert(call('move', args, ledger.admin), { error })
    }
  })

  describe('anchorEnvelope', () => {
    const objectId = hash('object')
    const update = (version: bigint, envelopeHash: string) => ({
      objectId,
      clientId: client.id,
      version,
      envelopeHash,
    })
    const anchor = async (message: ReturnType<typeof update>) => {
      const signature = ledger.sign(client.wallet, 'EnvelopeUpdate', message)
      return send(ledger.receipts, stranger, 'anchorEnvelope', message, signature)
    }
    const current = async () => {
      const found = await read<{ toArray(): unknown[] }>(
        ledger.receipts,
        'envelopeOf',
        client.id,
        objectId,
      )
      return found.toArray()
    }

    it('goes forward only; for equal versions the lower hash wins', async () => {
      const [low, middle, high] = [`0x${'01'.repeat(32)}`, `0x${'05'.repeat(32)}`, hash('high')]
      await anchor(update(2n, middle))
      expect(await current()).to.deep.equal([2n, middle])
      for (const stale of [update(1n, low), update(2n, middle), update(2n, high)]) {
        expect((await anchor(stale)).logs).to.have.length(0)
      }
      const receipt = await anchor(update(2n, low))
      const [event] = eventsOf(ledger.receipts, receipt, 'EnvelopeAnchored')
      expect(event?.args.toArray()).to.deep.equal([objectId, 1n, 2n, low])
      await anchor(update(3n, high))
      expect(await current()).to.deep.equal([3n, high])
    })

    it("is under the client's own name and signature", async () => {
      const other = await ledger.addClient('other ship')
      const message = update(1n, hash('envelope'))
      const forged = ledger.sign(other.wallet, 'EnvelopeUpdate', message)
      await expectRevert(call('anchorEnvelope', [message, forged]), { error: 'BadSignature' })
      const pending = await ledger.addClient('pending ship', false)
      const early = { ...message, clientId: pending.id }
      const signature = ledger.sign(pending.wallet, 'EnvelopeUpdate', early)
      await expectRevert(call('anchorEnvelope', [early, signature]), { error: 'ClientRefused' })
    })
  })
})
