import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import type { Importance } from '@orlop/protocol/data-classes'
import { silentLogger } from '@orlop/protocol/logger'
import { MemorySpool } from './spool/memory-spool.ts'
import type { SpoolItem } from './spool/spool.ts'
import { type StoreFile, Uploader } from './uploader.ts'

const clock = { nowMs: () => 1_000, monotonicMs: () => 0 }

const storedAs = (objectId: string) => ({
  objectId,
  sealedBytes: 1,
  wireBytes: { sentBytes: 1, receivedBytes: 1 },
  ingress: { nodeId: 1, name: 'A01' },
})

/** An uploader over a memory spool, with a hook to wait for a state instead of for time. */
function setup(storeFile: StoreFile) {
  const spool = new MemorySpool()
  const pausesMs: number[] = []
  const waiting: { when: (items: SpoolItem[]) => boolean; resolve: () => void }[] = []
  const check = async () => {
    const items = await Array.fromAsync(spool.all())
    for (const { when, resolve } of waiting) if (when(items)) resolve()
  }
  const uploader = new Uploader(
    {
      spool,
      storeFile,
      awaitRecorded: () => Promise.resolve(),
      clock,
      logger: silentLogger,
      pause: (durationMs) => {
        pausesMs.push(durationMs)
        return Promise.resolve()
      },
      onChange: () => void check(),
    },
    { minRetryMs: 100, maxRetryMs: 400 },
  )
  const add = async (name: string, importance: Importance, foundMs: number) => {
    await spool.add(
      { path: `/ship/${name}`, sizeBytes: 1, modifiedMs: foundMs },
      importance,
      foundMs,
    )
    uploader.noteArrival(importance)
  }
  const until = async (when: (items: SpoolItem[]) => boolean) => {
    const reached = new Promise<void>((resolve) => waiting.push({ when, resolve }))
    await check()
    await reached
  }
  const allRecorded = (items: SpoolItem[]) => items.every((item) => item.state === 'recorded')
  return { spool, uploader, pausesMs, add, until, allRecorded }
}

describe('the agent’s uploader', () => {
  it('stores what matters most first and follows each object to the ledger', async () => {
    const order: string[] = []
    const { uploader, add, until, allRecorded } = setup((path) => {
      order.push(path)
      return Promise.resolve(storedAs(`orlop:${path}`))
    })
    await add('log', 'routine', 1)
    await add('plan', 'critical', 2)
    await uploader.start()
    await until(allRecorded)
    expect(order).to.deep.equal(['/ship/plan', '/ship/log'])
    await uploader.stop()
  })

  it('tries again, with growing pauses, what may pass', async () => {
    let calls = 0
    const { uploader, add, until, allRecorded, pausesMs } = setup(() => {
      calls++
      if (calls < 5)
        return Promise.reject(
          new OrlopError('NO_NODE_AVAILABLE', 'No node answers. Wait for the link.'),
        )
      return Promise.resolve(storedAs('orlop:a'))
    })
    await add('plan', 'critical', 1)
    await uploader.start()
    await until(allRecorded)
    expect(pausesMs).to.deep.equal([100, 200, 400, 400])
    await uploader.stop()
  })

  it('leaves to a person what cannot succeed, and goes on with the rest', async () => {
    const { uploader, add, until } = setup((path) =>
      path.endsWith('bad')
        ? Promise.reject(new OrlopError('POLICY_INVALID', 'The policy has no rule. Mend it.'))
        : Promise.resolve(storedAs('orlop:b')),
    )
    await add('bad', 'critical', 1)
    await add('good', 'routine', 2)
    await uploader.start()
    await until(
      (items) =>
        items.length === 2 && items[0]!.state === 'failed' && items[1]!.state === 'recorded',
    )
    await uploader.stop()
  })

  it('interrupts an upload for a more important file, and continues it afterwards', async () => {
    const order: string[] = []
    let begun: (() => void) | null = null
    const routineBegan = new Promise<void>((resolve) => (begun = resolve))
    const { uploader, add, until, allRecorded } = setup((path, signal) => {
      order.push(path)
      if (path === '/ship/routine' && order.length === 1) {
        begun?.()
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new OrlopError('ABORTED', 'Stopped on request.'))
          })
        })
      }
      return Promise.resolve(storedAs(`orlop:${path}`))
    })
    await add('routine', 'routine', 1)
    await uploader.start()
    await routineBegan
    await add('distress', 'critical', 2)
    await until((items) => items.length === 2 && allRecorded(items))
    expect(order).to.deep.equal(['/ship/routine', '/ship/distress', '/ship/routine'])
    await uploader.stop()
  })

  it('keeps an upload that was under way when it is stopped, for the next start', async () => {
    let begun: (() => void) | null = null
    const began = new Promise<void>((resolve) => (begun = resolve))
    const { uploader, add, spool } = setup((_, signal) => {
      begun?.()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new OrlopError('ABORTED', 'Stopped on request.'))
        })
      })
    })
    await add('plan', 'critical', 1)
    await uploader.start()
    await began
    await uploader.stop()
    expect((await spool.next())?.state).to.equal('storing')
  })
})
