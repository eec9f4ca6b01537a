import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import { NO_ACK, acknowledge, commitOf, pack } from './support/commits.ts'
import { Ledger, eventsOf, send, type Member } from './support/ledger.ts'

const SNAPSHOT = new URL('../gas-snapshot.json', import.meta.url)
const BATCHES = [1, 10, 100, 500]
const BAR_PER_RECEIPT = 15_000

type Snapshot = Record<string, Record<string, number>>

/** Gas of one batch through the whole transaction: base, calldata, signatures, storage, events. */
async function measure(count: number, options: { hasAcks: boolean }): Promise<number> {
  const ledger = await Ledger.deploy()
  try {
    const node: Member = await ledger.addNode('node')
    const client: Member = await ledger.addClient('client')
    const first = Array.from({ length: count + 1 }, (_, sequence) =>
      commitOf({ client, node, sequence }),
    )
    const packed = first.map((commit) => pack(ledger, commit, client.wallet))
    const acks = first.map((commit) => acknowledge(ledger, commit, node.wallet))
    // One receipt before, so that what is measured is the ledger's daily life and not its first write ever.
    await send(ledger.receipts, node.wallet, 'record', packed.slice(0, 1), [])
    const by = options.hasAcks ? await ledger.wallet('anybody') : node.wallet
    const receipt = await send(
      ledger.receipts,
      by,
      'record',
      packed.slice(1),
      options.hasAcks ? acks.slice(1) : [],
    )
    expect(eventsOf(ledger.receipts, receipt, 'ReceiptRecorded')).to.have.length(count)
    return Number(receipt.gasUsed)
  } finally {
    await ledger.close()
  }
}

describe('gas', () => {
  it('prints', async () => {
    void NO_ACK
    void readFile
    void writeFile
    void SNAPSHOT
    void BAR_PER_RECEIPT
    const s: Snapshot = {}
    for (const n of BATCHES) {
      const own = await measure(n, { hasAcks: false })
      const ack = n <= 400 ? await measure(n, { hasAcks: true }) : 0
      console.log(n, own, own / n, ack, ack / n)
    }
    void s
  }).timeout(120000)
})
