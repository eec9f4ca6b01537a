import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { MemorySpool } from './spool/memory-spool.ts'
import { type AgentStatus, StatusFile, statusOf } from './status-file.ts'

const facts = { pid: 1, ship: { name: 'MV Example', imoNumber: 0, clientId: 3 }, updatedMs: 5 }

describe('the agent’s status', () => {
  it('counts every state and shows the newest first', async () => {
    const spool = new MemorySpool()
    await spool.add({ path: '/a', sizeBytes: 1, modifiedMs: 1 }, 'routine', 1)
    await spool.add({ path: '/b', sizeBytes: 1, modifiedMs: 1 }, 'critical', 2)
    const first = await spool.next()
    await spool.update(first!.key, { state: 'failed' })
    const status = await statusOf(spool.all(), facts)
    expect(status.counts).to.deep.equal({
      queued: 1,
      storing: 0,
      stored: 0,
      recorded: 0,
      failed: 1,
    })
    expect(status.recent.map(({ path }) => path)).to.deep.equal(['/b', '/a'])
  })

  it('is never half written, and the last of many updates is what stays', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-status-'))
    const file = new StatusFile(join(folder, 'status.json'))
    let version = 0
    const read = () => statusOf(new MemorySpool().all(), { ...facts, updatedMs: version })
    const writes: Promise<void>[] = []
    for (version = 1; version <= 20; version++) writes.push(file.update(read))
    version = 99
    await Promise.all(writes)
    const written = JSON.parse(await readFile(join(folder, 'status.json'), 'utf8')) as AgentStatus
    expect(written.updatedMs).to.equal(99)
    expect(await readdir(folder)).to.deep.equal(['status.json'])
    await rm(folder, { recursive: true })
  })
})
