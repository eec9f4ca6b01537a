import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeAuditEntry, hashAuditEntry } from '@orlop/kmc/audit/audit-entry'
import { verifyAnchoredAudit } from '@orlop/kmc/audit/verify-anchored-audit'
import { type AuditFile, readAuditFile, writeAuditFile } from './audit-file.ts'

describe('an exported audit log', () => {
  let folder: string
  let file: string
  let log: AuditFile

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-'))
    file = join(folder, 'log.txt')
    const entries: Uint8Array[] = []
    let previous = new Uint8Array(32)
    for (const number of [1, 2, 3]) {
      const act = { timeMs: number, actor: 'anna', act: 'key.revoke', details: { keyId: 'log' } }
      entries.push(encodeAuditEntry({ ...act, number, previous }))
      previous = Uint8Array.from(hashAuditEntry(entries.at(-1)!))
    }
    const head = { count: 3, hash: previous }
    log = { centreId: new Uint8Array(16), signer: new Uint8Array(20).fill(7), head, entries }
  })
  after(() => rm(folder, { recursive: true }))
  beforeEach(() => writeAuditFile(file, log))

  const codeOf = async (work: Promise<unknown>) =>
    work.then(() => null).catch((error: unknown) => (error as { code: unknown }).code)
  const verify = async () => verifyAnchoredAudit({ ...(await readAuditFile(file)), anchors: null })

  it('is read as it was written, and checked without its centre', async () => {
    expect(await readAuditFile(file)).to.deep.equal(log)
    expect((await verify()).goodCount).to.equal(3)
    await writeAuditFile(file, { ...log, head: null, entries: [] })
    expect(await readAuditFile(file)).to.deep.include({ head: null, entries: [] })
  })

  it('is bad where it was changed, cut short or spoilt', async () => {
    const lines = (await readFile(file, 'utf8')).split('\n')
    const spoilt = [
      lines.with(
        2,
        lines[2]!.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ),
      lines.with(2, 'no entry'),
      lines.toSpliced(3, 1),
    ]
    for (const changed of spoilt) {
      await writeFile(file, changed.join('\n'))
      expect(await codeOf(verify())).to.equal('AUDIT_BAD')
    }
  })

  it('is told from other files', async () => {
    for (const text of ['', '{}', 'no log\n00']) {
      await writeFile(file, text)
      expect(await codeOf(readAuditFile(file)), text).to.equal('CONFIG_INVALID')
    }
  })
})
