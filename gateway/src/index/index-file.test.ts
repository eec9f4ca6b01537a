import { isOrlopError } from '@orlop/protocol/errors'
import { silentLogger, type Logger } from '@orlop/protocol/logger'
import { expect } from 'chai'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { IndexFile, isDamage } from './index-file.ts'
import { IndexedLedger, freshLedger } from './indexed-ledger.fixture.ts'

describe('IndexFile', () => {
  let folder: string
  let path: string
  let warnings: { reason?: string }[]
  let logger: Logger

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'orlop-index-'))
    path = join(folder, 'explorer.db')
    warnings = []
    logger = { ...silentLogger, warn: (fields) => warnings.push(fields) }
  })

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  /** An index of one receipt, closed again. */
  async function filled(): Promise<IndexedLedger> {
    const at = new IndexedLedger({ path, logger })
    await at.on.admitAll()
    await at.record({ sequence: 0 })
    await at.follower.catchUp()
    at.index.close()
    return at
  }

  async function expectRebuilt(at: IndexedLedger, reason: RegExp): Promise<void> {
    at.reopen()
    expect(warnings.map((fields) => fields.reason ?? '')).to.have.length(1)
    expect(warnings[0]?.reason).to.match(reason)
    expect(at.index.receipts({}).items).to.deep.equal([])
    await at.follower.catchUp()
    expect(at.index.receipts({}).items).to.have.length(1)
    at.index.close()
  }

  it('is there again after it was closed, without a word', async () => {
    const at = await filled()
    at.reopen()
    expect(at.index.receipts({}).items).to.have.length(1)
    expect(warnings).to.deep.equal([])
    at.index.close()
  })

  it('is made anew, and says so, when its pages are damaged', async () => {
    const at = await filled()
    const bytes = readFileSync(path)
    bytes.fill(0xff, 4096, 64 * 1024)
    writeFileSync(path, bytes)
    await expectRebuilt(at, /damaged/)
  })

  it('is made anew when its end is missing', async () => {
    const at = await filled()
    truncateSync(path, 3 * 4096)
    await expectRebuilt(at, /damaged/)
  })

  it('is made anew when it is of another version', async () => {
    const at = await filled()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 0; DROP TABLE facts')
    database.close()
    await expectRebuilt(at, /version 0/)
  })

  it('is made anew when it is about another ledger', async () => {
    await filled()
    const other = new IndexedLedger({ path, logger }, freshLedger(4205))
    expect(other.index.receipts({}).items).to.deep.equal([])
    expect(warnings[0]?.reason).to.match(/another ledger/)
    other.index.close()
  })

  it('puts a file aside that is not an index, and keeps it', () => {
    writeFileSync(path, 'notes of somebody else')
    const { deployment } = freshLedger()
    new IndexFile({ path, deployment, logger }).close()
    expect(readFileSync(`${path}.set-aside`, 'utf8')).to.equal('notes of somebody else')
    expect(warnings[0]?.reason).to.match(/no index/)
  })

  it('puts somebody else’s database aside, and keeps it', () => {
    const theirs = new DatabaseSync(path)
    theirs.exec('CREATE TABLE treasure (gold INTEGER); INSERT INTO treasure VALUES (7)')
    theirs.close()
    new IndexFile({ path, deployment: freshLedger().deployment, logger }).close()
    const kept = new DatabaseSync(`${path}.set-aside`)
    expect(kept.prepare('SELECT gold FROM treasure').get()?.['gold']).to.equal(7)
    kept.close()
  })

  it('is for one process at a time', () => {
    const { deployment } = freshLedger()
    const first = new IndexFile({ path, deployment })
    let caught: unknown = null
    try {
      new IndexFile({ path, deployment })
    } catch (error) {
      caught = error
    }
    first.close()
    expect(isOrlopError(caught, 'HOME_LOCKED')).to.equal(true)
  })

  it('is made anew by the next step when damage shows while it is in use', async () => {
    const at = new IndexedLedger({ path, logger })
    await at.on.admitAll()
    await at.record({ sequence: 0 })
    await at.follower.catchUp()
    at.index.isDamaged = true
    await at.follower.catchUp()
    expect(warnings[0]?.reason).to.match(/damaged/)
    expect(at.events.map(({ name }) => name)).to.include('rollback')
    expect(at.index.receipts({}).items).to.have.length(1)
    expect(at.index.overview().totals.nodes).to.equal(2)
    at.index.close()
  })

  it('tells damage from other failures', () => {
    writeFileSync(path, 'x'.repeat(5000))
    const database = new DatabaseSync(path)
    const errorOf = (sql: string) => {
      try {
        database.exec(sql)
        return null
      } catch (error) {
        return error
      }
    }
    expect(isDamage(errorOf('SELECT * FROM sqlite_master'))).to.equal(true)
    expect(isDamage(errorOf('SELECT'))).to.equal(false)
    database.close()
  })
})
