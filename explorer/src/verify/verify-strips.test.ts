import { batchRoot } from '@orlop/contracts/batch-tree'
import { commitOf } from '@orlop/contracts/receipt-commit'
import { encodeHex } from '@orlop/crypto/bytes'
import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import { formatObjectId } from '@orlop/protocol/ids'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { commitType } from '@orlop/protocol/messages/storing'
import { digestOf } from '@orlop/protocol/typed-message'
import { expect } from 'chai'
import { verifyStrips, type ProofLedger } from './verify-strips.ts'

const contract = `0x${'11'.repeat(20)}`
const deployment = {
  chainId: 1,
  registry: contract,
  receipts: contract,
  credit: contract,
  fromBlock: 0,
}
const bytes = (fill: number) => new Uint8Array(32).fill(fill)
const hex = (value: Uint8Array) => `0x${encodeHex(value)}`
const position = {
  blockNumber: 9,
  blockHash: hex(bytes(9)),
  blockTimeMs: 1,
  transactionHash: hex(bytes(8)),
  logIndex: 0,
}

const recorded = (index: number): Receipt => ({
  objectId: bytes(1),
  headerHash: bytes(2),
  root: bytes(10 + index),
  ...{
    streamBytes: 4096,
    expiry: 2_000_000_000,
    sequence: 40 + index,
    clientId: 3,
    nodeId: 1 + index,
  },
  ...{ classCode: 5, index, k: 1, m: 2, level: 2, flags: 1, batchId: 7 },
  position,
})

const shown = (receipt: Receipt): ApiReceipt => ({
  ...receipt,
  objectId: formatObjectId(receipt.objectId),
  headerHash: hex(receipt.headerHash),
  root: hex(receipt.root),
  ...{
    clientName: '',
    nodeName: '',
    isMovable: true,
    expirySeconds: receipt.expiry,
    state: 'live',
    score: null,
  },
})

const receipts = [recorded(0), recorded(1), recorded(2)]
const strips = receipts.map(shown)

function ledgerOf(held: Receipt[], root = rootOf(held)): ProofLedger & { asked: number[] } {
  const asked: number[] = []
  return {
    ...{ deployment, asked },
    receiptsOfBlock(blockNumber) {
      asked.push(blockNumber)
      return Promise.resolve(held)
    },
    batchRoot: () => Promise.resolve(root),
  }
}

function rootOf(held: Receipt[]): Uint8Array {
  return batchRoot(held.map((receipt) => digestOf(commitType, deployment, commitOf(receipt))))
}

describe('verifyStrips', () => {
  it('agrees with a ledger that holds the same receipts, and reads each block once', async () => {
    const ledger = ledgerOf(receipts)
    const verdicts = await verifyStrips(strips, ledger)
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(['ok', 'ok', 'ok'])
    expect(ledger.asked).to.deep.equal([9])
  })

  it('catches a root that the gateway changed, and no other strip', async () => {
    const forged = strips.map((strip) =>
      strip.index === 1 ? { ...strip, root: hex(bytes(99)) } : strip,
    )
    expect(await verifyStrips(forged, ledgerOf(receipts))).to.deep.equal([
      { kind: 'ok' },
      { kind: 'differs', field: 'root' },
      { kind: 'ok' },
    ])
  })

  it('catches any other fact that the gateway changed', async () => {
    const [strip] = strips
    for (const change of [
      { headerHash: hex(bytes(0)) },
      { level: 1 },
      { streamBytes: 1 },
      { clientId: 4 },
    ]) {
      const [verdict] = await verifyStrips([{ ...strip!, ...change }], ledgerOf(receipts))
      expect(verdict).to.deep.equal({ kind: 'differs', field: Object.keys(change)[0] })
    }
  })

  it('says that a receipt is not on the ledger', async () => {
    const verdicts = await verifyStrips(strips, ledgerOf(receipts.slice(0, 2)))
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(['ok', 'ok', 'missing'])
  })

  it('believes no logs whose batch has another root in the contract', async () => {
    const verdicts = await verifyStrips(strips, ledgerOf(receipts, bytes(0)))
    expect(verdicts.map(({ kind }) => kind)).to.deep.equal(['batch', 'batch', 'batch'])
  })
})
