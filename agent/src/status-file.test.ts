import { mkdir, mkdtemp, readdir, readFile, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MemorySpool } from './spool/memory-spool.ts'
import { type AgentStatus, StatusFile } from './status-file.ts'

const statusAt = (updatedMs: number): AgentStatus => ({
  pid: 1,
  ship: { name: 'MV Example', imoNumber: 0, clientId: 3 },
  updatedMs,
  ...new MemorySpool().summary(),
})

describe('the agent’s status', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-status-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const written = async () =>
    JSON.parse(await readFile(join(folder, 'status.json'), 'utf8')) as AgentStatus

  it('is never half written, and the last of many updates is what stays', async () => {
    const file = new StatusFile(join(folder, 'status.json'))
    let version = 0
    const writes: Promise<void>[] = []
    for (version = 1; version <= 20; version++) writes.push(file.update(() => statusAt(version)))
    version = 99
    await Promise.all(writes)
    expect((await written()).updatedMs).to.equal(99)
    expect(await readdir(folder)).to.deep.equal(['status.json'])
  })

  it('is written again after a write that failed', async () => {
    await rmdir(folder)
    const file = new StatusFile(join(folder, 'status.json'))
    let failure: unknown
    await file.update(() => statusAt(1)).catch((error: unknown) => (failure = error))
    expect(failure).to.have.property('code', 'ENOENT')
    await mkdir(folder)
    await file.update(() => statusAt(2))
    expect((await written()).updatedMs).to.equal(2)
  })
})
