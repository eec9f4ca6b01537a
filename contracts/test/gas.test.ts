import { expect } from 'chai'
import { readFile, writeFile } from 'node:fs/promises'
import { acknowledge, commitOf, pack } from './support/commits.ts'
import { Ledger, eventsOf, send } from './support/ledger.ts'

const SNAPSHOT = new URL('../gas-snapshot.json', import.meta.url)
const MEASURED = new URL('../cache/gas-snapshot.json', import.meta.url)
/** With one signature more for each receipt, 400 is what fits into 128 KiB. */
const BATCHES = { own: [1, 10, 100, 500], acknowledged: [1, 10, 100, 400] }
const BAR_PER_RECEIPT = 15_000

type Kind = keyof typeof BATCHES
type Snapshot = Record<Kind, Record<string, number>>

/** Gas of one transaction: base, calldata, signatures, storage, events. Sequence numbers are dense. */
async function measure(count: number, kind: Kind): Promise<number> {
  const ledger = await Ledger.deploy()
  try {
    const node = await ledger.addNode('node')
    const client = await ledger.addClient('client')
    const commits = Array.from({ length: count + 1 }, (_, sequence) =>
      commitOf({ client, node, sequence }),
    )
    const packed = commits.map((commit) => pack(ledger, commit, client.wallet))
    // One receipt before, so that what is measured is daily life and not the ledger's first write ever.
    await send(ledger.receipts, node.wallet, 'record', packed.slice(0, 1), [])
    const isOwn = kind === 'own'
    const by = isOwn ? node.wallet : await ledger.wallet('anybody')
    const acks = isOwn ? [] : commits.slice(1).map((item) => acknowledge(ledger, item, node.wallet))
    const receipt = await send(ledger.receipts, by, 'record', packed.slice(1), acks)
    expect(eventsOf(ledger.receipts, receipt, 'ReceiptRecorded')).to.have.length(count)
    return Number(receipt.gasUsed)
  } finally {
    await ledger.close()
  }
}

function tableOf(snapshot: Snapshot): string {
  const rows = Object.entries(snapshot).flatMap(([kind, batches]) =>
    Object.entries(batches).map(([count, gas]) => {
      const each = Math.round(gas / Number(count))
      return `      ${kind.padEnd(14)}${count.padStart(6)}${String(gas).padStart(12)}${String(each).padStart(12)}`
    }),
  )
  return [`      sent by        batch         gas gas/receipt`, ...rows, ''].join('\n')
}

describe('gas of record', () => {
  let measured: Snapshot

  before(async () => {
    measured = { own: {}, acknowledged: {} }
    for (const kind of ['own', 'acknowledged'] as const) {
      for (const count of BATCHES[kind]) measured[kind][count] = await measure(count, kind)
    }
    process.stdout.write(tableOf(measured))
    await writeFile(MEASURED, `${JSON.stringify(measured, null, 2)}\n`)
  })

  it('stays within the bar at batches of 100', () => {
    expect(measured.own['100']! / 100).to.be.at.most(BAR_PER_RECEIPT)
  })

  it('is exactly what contracts/gas-snapshot.json says', async () => {
    const snapshot: unknown = JSON.parse(await readFile(SNAPSHOT, 'utf8'))
    expect(
      measured,
      'if the change is meant, copy contracts/cache/gas-snapshot.json',
    ).to.deep.equal(snapshot)
  })
})
