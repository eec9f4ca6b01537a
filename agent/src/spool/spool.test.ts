import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Level } from 'level'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { LevelSpool } from './level-spool.ts'
import { MemorySpool } from './memory-spool.ts'
import { spoolConformance } from './spool.conformance.ts'

const temporaryFolder = () => mkdtemp(join(tmpdir(), 'orlop-spool-'))

spoolConformance('MemorySpool', () => {
  const spool = new MemorySpool()
  return Promise.resolve({ spool, teardown: () => spool.close() })
})

spoolConformance('LevelSpool', async () => {
  const folder = await temporaryFolder()
  const spool = await LevelSpool.open(folder)
  const teardown = async () => {
    await spool.close()
    await rm(folder, { recursive: true })
  }
  return { spool, teardown }
})

describe('LevelSpool', () => {
  it('has after a restart what it had before', async () => {
    const folder = await temporaryFolder()
    const first = await LevelSpool.open(folder)
    await first.add(
      { path: '/ship/plan', sizeBytes: 1, modifiedMs: 2 },
      { importance: 'critical', lane: 'normal' },
      3,
    )
    const before = await first.next(() => 0)
    const summary = first.summary()
    await first.close()
    const second = await LevelSpool.open(folder)
    expect(await second.next(() => 0)).to.deep.equal(before)
    expect(second.summary()).to.deep.equal(summary)
    await second.close()
    await rm(folder, { recursive: true })
  })

  it('reads items of an earlier build, and says so when it cannot read one', async () => {
    const folder = await temporaryFolder()
    const first = await LevelSpool.open(folder)
    const urgency = { importance: 'critical', lane: 'normal' } as const
    await first.add({ path: '/ship/plan', sizeBytes: 1, modifiedMs: 2 }, urgency, 3)
    const item = await first.next(() => 0)
    await first.close()
    const rewrite = async (changes: object) => {
      const database = new Level<string, unknown>(folder, { valueEncoding: 'json' })
      await database.put(item!.key, { ...item, ...changes })
      await database.close()
    }
    await rewrite({ lane: undefined, changedMs: undefined })
    const second = await LevelSpool.open(folder)
    expect(await second.next(() => 0)).to.deep.equal({ ...item, changedMs: 0 })
    await second.close()
    await rewrite({ state: 'asleep' })
    expect((await failureOf(LevelSpool.open(folder))).code).to.equal('VERSION_UNSUPPORTED')
    await rewrite({})
    await (await LevelSpool.open(folder)).close()
    await rm(folder, { recursive: true })
  })

  it('refuses a second process on the same folder', async () => {
    const folder = await temporaryFolder()
    const first = await LevelSpool.open(folder)
    let failure: unknown
    await LevelSpool.open(folder).catch((error: unknown) => (failure = error))
    expect(failure).to.have.property('code', 'HOME_LOCKED')
    await first.close()
    await rm(folder, { recursive: true })
  })
})
