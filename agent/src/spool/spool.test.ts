import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
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
    await first.add({ path: '/ship/plan', sizeBytes: 1, modifiedMs: 2 }, 'critical', 3)
    const before = await first.next(() => 0)
    const summary = first.summary()
    await first.close()
    const second = await LevelSpool.open(folder)
    expect(await second.next(() => 0)).to.deep.equal(before)
    expect(second.summary()).to.deep.equal(summary)
    await second.close()
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
