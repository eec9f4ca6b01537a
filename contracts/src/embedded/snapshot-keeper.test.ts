import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { silentLogger } from '@orlop/protocol/logger'
import { expect } from 'chai'
import { LedgerSnapshots } from './ledger-snapshots.ts'
import { MAX_UNSAVED_MS, SnapshotKeeper, dumpRpc } from './snapshot-keeper.ts'

const text = (value: string) => new TextEncoder().encode(value)

describe('ledger snapshots', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-snapshots-'))
  })

  afterEach(() => rm(folder, { recursive: true }))

  it('keep the newest state and the one before, newest first', async () => {
    const snapshots = new LedgerSnapshots(folder)
    for (const state of ['one', 'two', 'three']) await snapshots.save(gzipSync(state))
    const names = await snapshots.names()
    const states = await Promise.all(names.map((name) => snapshots.read(name)))
    const texts = states.map((state) => new TextDecoder().decode(state ?? text('damaged')))
    expect(texts).to.deep.equal(['three', 'two'])
    expect(await readdir(folder)).to.have.length(2)
  })

  it('are damaged for the reader when any byte of them was changed', async () => {
    const snapshots = new LedgerSnapshots(folder)
    await snapshots.save(gzipSync('the state of a ledger'))
    const [name] = await snapshots.names()
    const path = join(folder, name ?? '')
    const content = await readFile(path)
    for (const place of [0, 12, content.length - 6]) {
      const changed = Buffer.from(content)
      changed[place] = (changed[place] ?? 0) ^ 1
      await writeFile(path, changed)
      expect(await snapshots.read(name ?? ''), `byte ${place}`).to.equal(null)
    }
  })

  it('ignore what a killed writer left', async () => {
    const snapshots = new LedgerSnapshots(folder)
    await writeFile(join(folder, 'state-0000000009.json.gz.tmp'), 'half')
    await snapshots.save(gzipSync('whole'))
    expect(await snapshots.names()).to.deep.equal(['state-0000000001.json.gz'])
  })
})

/** A keeper over an EVM with one block, a folder that is full or not, and a clock that runs a second at each look. */
function keeper(folder: LedgerSnapshots) {
  let nowMs = 0
  const clock = { nowMs: () => 0, monotonicMs: () => (nowMs += 1_000) }
  const dump = `0x${gzipSync('state').toString('hex')}`
  const block = { number: '0x1', hash: `0x${'1'.repeat(64)}`, timestamp: '0x1' }
  const fake = ((_: string, { body }: { body: string }) => {
    const result = body.includes('anvil_dumpState') ? dump : block
    return Promise.resolve(Response.json({ jsonrpc: '2.0', id: 1, result }))
  }) as unknown as typeof fetch
  const rpc = dumpRpc('http://127.0.0.1:1', { fetch: fake })
  const parts = { rpc, snapshots: folder, clock, logger: silentLogger }
  return { keeper: new SnapshotKeeper(parts), elapsedMs: () => nowMs }
}

describe('SnapshotKeeper', () => {
  it('stops the ledger when its state cannot be saved in time', async () => {
    class FullFolder extends LedgerSnapshots {
      override save(): Promise<void> {
        return Promise.reject(new Error('ENOSPC'))
      }
    }
    const full = keeper(new FullFolder('/nowhere'))
    expect(await full.keeper.run()).to.equal(false)
    expect(full.elapsedMs()).to.be.greaterThan(MAX_UNSAVED_MS)
  })

  it('saves a block once and goes on until it is ended', async () => {
    let saved = 0
    class CountingFolder extends LedgerSnapshots {
      override save(): Promise<void> {
        saved += 1
        return Promise.resolve()
      }
    }
    const counting = keeper(new CountingFolder('/nowhere'))
    await counting.keeper.save()
    await counting.keeper.save()
    const running = counting.keeper.run()
    counting.keeper.end()
    expect(await running).to.equal(true)
    expect(saved).to.equal(1)
  })
})
