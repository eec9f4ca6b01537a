import { isOrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import { chainClientConformance } from './chain-client.conformance.ts'
import {
  LedgerFixture,
  addressOfKey,
  testKey,
  type LedgerUnderTest,
} from './chain-client.fixture.ts'
import type { FinalityPolicy } from './finality.ts'
import { MemoryChainClient } from './memory-chain-client.ts'
import { MemoryLedger } from './memory-ledger.ts'

const ADMIN_KEY = testKey(11)

function fresh(finality?: Exclude<FinalityPolicy, { kind: 'tag' }>) {
  const clock = { nowMs: () => 1_800_000_000_000, monotonicMs: () => 0 }
  const options = { admin: addressOfKey(ADMIN_KEY), clock }
  const ledger = new MemoryLedger({ ...options, ...(finality && { finality }) })
  const connect = (key: Uint8Array) => new MemoryChainClient(ledger, addressOfKey(key))
  const underTest: LedgerUnderTest & { byHand: typeof connect } = {
    deployment: ledger.deployment,
    adminKey: ADMIN_KEY,
    connect,
    byHand: connect,
    markLoss: () => {
      const { blockNumber } = ledger.head()
      return Promise.resolve(() => {
        ledger.dropBlocks(ledger.head().blockNumber - blockNumber)
        return Promise.resolve()
      })
    },
  }
  return { ledger, on: new LedgerFixture(underTest), underTest }
}

chainClientConformance('memory', () => Promise.resolve(fresh().underTest))

describe('MemoryLedger', () => {
  it('gives no answer during an outage, and every answer after it', async () => {
    const { ledger, on } = fresh()
    ledger.setOutage(true)
    for (const call of [() => on.steward.head(), () => on.nodes[0].heartbeat(1)]) {
      const error: unknown = await call().catch((caught: unknown) => caught)
      expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    }
    ledger.setOutage(false)
    expect((await on.steward.head()).blockNumber).to.equal(0)
  })

  it('lets receipts run out as time goes on', async () => {
    const { ledger, on } = fresh()
    await on.admitAll()
    const commit = on.commit({ expiry: 1_800_000_060 })
    ledger.advanceTime(60_000)
    const { rejected } = await on.nodes[0].record([{ commit }])
    expect(rejected).to.deep.equal([{ item: 0, reason: 'Expired' }])
  })

  it('calls a block final by depth', async () => {
    const { ledger, on } = fresh({ kind: 'depth', blocks: 2 })
    await on.admitAll()
    const { transactionHash } = await on.nodes[0].record([{ commit: on.commit() }])
    ledger.mineBlocks(1)
    expect((await on.steward.inclusion(transactionHash))?.isFinal).to.equal(false)
    ledger.mineBlocks(1)
    expect((await on.steward.inclusion(transactionHash))?.isFinal).to.equal(true)
  })

  it('calls a block final by age', async () => {
    const { ledger, on } = fresh({ kind: 'age', ms: 5_000 })
    await on.admitAll()
    const { transactionHash } = await on.nodes[0].record([{ commit: on.commit() }])
    expect((await on.steward.inclusion(transactionHash))?.isFinal).to.equal(false)
    ledger.advanceTime(5_000)
    expect((await on.steward.inclusion(transactionHash))?.isFinal).to.equal(true)
  })

  it('gives lost and new blocks different hashes', async () => {
    const { ledger, on } = fresh()
    await on.admitAll()
    const before = await on.steward.head()
    ledger.dropBlocks(1)
    ledger.mineBlocks(1)
    const after = await on.steward.head()
    expect(after.blockNumber).to.equal(before.blockNumber)
    expect(after.blockHash).not.to.equal(before.blockHash)
  })

  it('keeps a copy of what is sent, which the sender may change afterwards', async () => {
    const { on } = fresh()
    await on.admitAll()
    const commit = on.commit()
    const sending = on.nodes[0].record([{ commit }])
    commit.message.sequence = 9
    await sending
    expect(await on.steward.isRecorded(1, 0)).to.equal(true)
  })
})
