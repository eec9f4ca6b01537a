import { spawnSync } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import * as z from 'zod'
import { ManualClock } from '../testkit/manual-clock.ts'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { openClientHome } from './client-home.ts'
import { openDatabase } from './open-database.ts'
import { RecordTable } from './table.ts'

use(chaiAsPromised)

describe('client home', () => {
  const folders = new TemporaryFolders()
  after(() => folders.removeAll())

  it('is used by one process at a time; the error names the other', async () => {
    const folder = await folders.make()
    const home = await openClientHome(folder, new ManualClock())
    const source = new URL('./open-database.ts', import.meta.url).href
    const script = `import('${source}').then(({ openDatabase }) => openDatabase(process.env.FOLDER)).then(() => console.log('opened'), (error) => console.log(error.code, error.details.pid))`
    const run = () =>
      spawnSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
        env: { ...process.env, FOLDER: folder },
        encoding: 'utf8',
      }).stdout.trim()
    expect(run()).to.equal(`HOME_LOCKED ${process.pid}`)
    await home.close()
    expect(run()).to.equal('opened')
  })

  it('remembers the clock offset, what was measured and whom it distrusts', async () => {
    const folder = await folders.make()
    const clock = new ManualClock()
    const home = await openClientHome(folder, clock)
    await home.clockOffset.correct(clock.nowMs() + 90_000)
    await home.evidence.answered(1, 80)
    await home.evidence.answered(1, 160)
    await home.evidence.failed(2)
    await home.evidence.distrust(3, 7)
    await home.close()
    const again = await openClientHome(folder, clock)
    expect(again.clockOffset.nowMs()).to.equal(clock.nowMs() + 90_000)
    expect(again.evidence.of(1)).to.include({ latencyMs: 90, recentFailures: 0 })
    expect(again.evidence.of(2).recentFailures).to.equal(1)
    expect(again.evidence.of(3).distrustedUntilMs).to.equal(7)
    await again.evidence.forgive(3)
    expect(again.evidence.of(3).distrustedUntilMs).to.equal(0)
    await again.close()
  })

  it('deletes spool files that belong to no upload', async () => {
    const folder = await folders.make()
    await mkdir(join(folder, 'spool'))
    await writeFile(join(folder, 'spool', 'orlop-left-over.sealed'), 'x')
    const home = await openClientHome(folder, new ManualClock())
    expect(await readdir(join(folder, 'spool'))).to.deep.equal([])
    await home.close()
  })
})

describe('record table', () => {
  const folders = new TemporaryFolders()
  after(() => folders.removeAll())

  it('keeps tables apart whose names begin alike, and leaves undefined fields out', async () => {
    const database = await openDatabase(await folders.make())
    const schema = z.strictObject({ value: z.int(), extra: z.int().optional() })
    const short = new RecordTable(database, { name: 'up', schema })
    const long = new RecordTable(database, { name: 'upload', schema })
    await short.put('a', { value: 1, extra: undefined })
    await long.put('a', { value: 2 })
    expect(await short.all()).to.deep.equal([{ value: 1 }])
    await short.clear()
    expect(await short.get('a')).to.equal(null)
    expect(await long.get('a')).to.deep.equal({ value: 2 })
    await database.close()
  })

  it('refuses a record that another version wrote, by name', async () => {
    const database = await openDatabase(await folders.make())
    const written = new RecordTable(database, { name: 't', schema: z.strictObject({ a: z.int() }) })
    const read = new RecordTable(database, { name: 't', schema: z.strictObject({ b: z.int() }) })
    await written.put('key', { a: 1 })
    await expect(read.get('key'))
      .to.be.rejectedWith("t record 'key'")
      .and.eventually.include({ code: 'VERSION_UNSUPPORTED' })
    await database.close()
  })
})
