import { expect } from 'chai'
import fc from 'fast-check'
import { randomBytes } from '@orlop/crypto/bytes'
import { SealedRows } from '../rows/sealed-rows.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import {
  type AuditHead,
  decodeAuditEntry,
  EMPTY_AUDIT,
  encodeAuditEntry,
  hashAuditEntry,
} from './audit-entry.ts'
import { appendAudit, auditHead, lastAuditNumber, readAudit } from './audit-log.ts'
import { verifyAudit } from './verify-audit.ts'

const LENGTH = 12

async function logOf(length: number): Promise<Log> {
  const store = new MemoryKeyStore()
  const key = randomBytes(32)
  const rows = new SealedRows({ store, centreId: randomBytes(16), rowKey: () => key })
  for (let at = 0; at < length; at++) {
    await rows.update((draft) =>
      appendAudit(draft, { timeMs: at, actor: 'anna', act: 'key.release', details: { at } }),
    )
  }
  const entries = await Array.fromAsync(readAudit(store))
  return { entries, head: await auditHead(rows), last: await lastAuditNumber(store) }
}

interface Log {
  readonly entries: Uint8Array[]
  readonly head: AuditHead
  /** Found in the store without keys. */
  readonly last: number
}

/** Changes what an entry tells, and leaves it a well-formed one. */
function edited(bytes: Uint8Array): Uint8Array {
  return encodeAuditEntry({ ...decodeAuditEntry(bytes), actor: 'bert' })
}

describe('the audit log', () => {
  let entries: Uint8Array[]
  let head: AuditHead
  before(async () => ({ entries, head } = await logOf(LENGTH)))

  it('tells its last number without keys', async () => {
    const lengths = [0, 1, 2, 3, 4, 5, 7, 8, 9]
    const logs = await Promise.all(lengths.map(logOf))
    expect(logs.map(({ last }) => last)).to.deep.equal(lengths)
  })

  it('is good as it was written, whoever checks it, and empty when nothing happened', async () => {
    expect(head).to.deep.equal({ count: LENGTH, hash: hashAuditEntry(entries.at(-1)!) })
    expect(await verifyAudit(entries, [head])).to.deep.equal({ goodCount: LENGTH, firstBad: null })
    const { entries: none, head: empty } = await logOf(0)
    expect(empty).to.deep.equal(EMPTY_AUDIT)
    expect(await verifyAudit(none, [empty])).to.deep.equal({ goodCount: 0, firstBad: null })
  })

  it('reads entries over several pages in order', async () => {
    const long = await logOf(140)
    expect((await verifyAudit(long.entries, [long.head])).goodCount).to.equal(140)
  })

  it('names the entry that was edited, wherever it is', async () => {
    for (let at = 0; at < LENGTH; at++) {
      const changed = entries.with(at, edited(entries[at]!))
      const { firstBad } = await verifyAudit(changed, [head])
      expect(firstBad, `entry ${at + 1}`).to.deep.equal({ number: at + 1, fault: 'changed' })
    }
  })

  it('names the entry whose link was edited', async () => {
    for (let at = 0; at < LENGTH; at++) {
      const entry = { ...decodeAuditEntry(entries[at]!), previous: randomBytes(32) }
      const { firstBad } = await verifyAudit(entries.with(at, encodeAuditEntry(entry)), [head])
      expect(firstBad, `entry ${at + 1}`).to.deep.equal({ number: at + 1, fault: 'changed' })
    }
  })

  it('names the first that is missing, stands twice, is swapped, or is no entry', async () => {
    const cases = [
      [entries.toSpliced(4, 1), 5, 'out-of-order'],
      [entries.toSpliced(4, 0, entries[3]!), 5, 'out-of-order'],
      [entries.with(4, entries[5]!).with(5, entries[4]!), 5, 'out-of-order'],
      [entries.with(4, new Uint8Array(3)), 5, 'malformed'],
      [entries.slice(0, -2), LENGTH - 1, 'missing'],
    ] as const
    for (const [changed, number, fault] of cases) {
      expect((await verifyAudit(changed, [head])).firstBad).to.deep.equal({ number, fault })
    }
  })

  it('finds a log that was written anew from some entry on, by the first anchor that it contradicts', async () => {
    const anchors = [3, 6, LENGTH].map((count) => ({
      count,
      hash: hashAuditEntry(entries[count - 1]!),
    }))
    const anew = entries.slice(0, 4)
    for (const bytes of entries.slice(4)) {
      const previous = hashAuditEntry(anew.at(-1)!)
      anew.push(encodeAuditEntry({ ...decodeAuditEntry(bytes), actor: 'bert', previous }))
    }
    expect((await verifyAudit(anew, [])).firstBad, 'without an anchor').to.equal(null)
    const { firstBad } = await verifyAudit(anew, anchors)
    expect(firstBad).to.deep.equal({ number: 6, fault: 'changed' })
  })

  it('never takes a log with any flipped bit for good', async () => {
    const place = fc.tuple(fc.nat(LENGTH - 1), fc.nat(10_000), fc.nat(7))
    await fc.assert(
      fc.asyncProperty(place, async ([at, offset, bit]) => {
        const entry = entries[at]!.slice()
        const index = offset % entry.length
        entry[index] = entry[index]! ^ (1 << bit)
        expect((await verifyAudit(entries.with(at, entry), [head])).firstBad).to.not.equal(null)
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})
