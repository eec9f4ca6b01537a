import { expect } from 'chai'
import { MemorySpool } from './memory-spool.ts'
import { pruneSpool } from './prune-spool.ts'
import type { SpoolState } from './spool.ts'

const DAY_MS = 24 * 3_600_000
const NOW_MS = 100 * DAY_MS

/** A spool with an item for each entry, named by its state, found and ended at `endDays`. */
async function spoolOf(entries: readonly [name: string, state: SpoolState, endDays: number][]) {
  const spool = new MemorySpool()
  for (const [path, state, endDays] of entries) {
    await spool.add(
      { path, sizeBytes: 1, modifiedMs: 1 },
      { importance: 'routine', lane: 'normal' },
      endDays * DAY_MS,
    )
    const added = await spool.next((item) => (item.path === path ? 0 : null))
    await spool.update(added!.key, { state, changedMs: endDays * DAY_MS })
  }
  return spool
}

async function pathsOf(spool: MemorySpool): Promise<string[]> {
  return (await Array.fromAsync(spool.all())).map(({ path }) => path)
}

const options = {
  nowMs: NOW_MS,
  keptMs: 30 * DAY_MS,
  maxKept: 100,
  isThere: () => Promise.resolve(false),
}

describe('clearing the spool of old items', () => {
  it('forgets what ended long ago and is gone, and nothing that still has to be done', async () => {
    const spool = await spoolOf([
      ['queued', 'queued', 1],
      ['storing', 'storing', 2],
      ['stored', 'stored', 3],
      ['recorded', 'recorded', 4],
      ['failed', 'failed', 5],
      ['replaced', 'replaced', 6],
      ['recorded lately', 'recorded', 71],
    ])
    expect(await pruneSpool(spool, options)).to.equal(3)
    expect(await pathsOf(spool)).to.deep.equal(['queued', 'storing', 'stored', 'recorded lately'])
  })

  it('keeps an item, however old, whose file is still there: it would be stored a second time', async () => {
    const spool = await spoolOf([
      ['there', 'recorded', 1],
      ['gone', 'recorded', 2],
    ])
    const isThere = ({ path }: { path: string }) => Promise.resolve(path === 'there')
    await pruneSpool(spool, { ...options, isThere })
    expect(await pathsOf(spool)).to.deep.equal(['there'])
  })

  it('keeps no more than so many, the latest', async () => {
    const spool = await spoolOf([
      ['a', 'recorded', 97],
      ['b', 'recorded', 98],
      ['c', 'recorded', 99],
    ])
    await pruneSpool(spool, { ...options, maxKept: 2 })
    expect(await pathsOf(spool)).to.deep.equal(['b', 'c'])
  })

  it('does not take a new try of what failed for a new end', async () => {
    const spool = await spoolOf([['failed', 'failed', 1]])
    const [item] = await Array.fromAsync(spool.all())
    await spool.update(item!.key, { changedMs: NOW_MS })
    expect(await pruneSpool(spool, options)).to.equal(1)
  })
})
