import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import type { Importance } from '@orlop/protocol/data-classes'
import { silentLogger } from '@orlop/protocol/logger'
import { ManualClock } from '@orlop/client-sdk/testkit/manual-clock'
import { RetryPlan } from './retry-plan.ts'
import { MemorySpool } from './spool/memory-spool.ts'
import type { SpoolItem } from './spool/spool.ts'
import { type StoreFile, Uploader } from './uploader.ts'

/** The longest pause of the uploaders under test. */
const LONG_MS = 400

const storedAs = (objectId: string) => ({
  objectId,
  sealedBytes: 1,
  wireBytes: { sentBytes: 1, receivedBytes: 1 },
  ingress: { nodeId: 1, name: 'A01' },
})

/** An uploader over a memory spool, with a hook to wait for a state instead of for time. */
function setup(storeFile: StoreFile, pauseLong?: (signal: AbortSignal) => Promise<void>) {
  const spool = new MemorySpool()
  const clock = new ManualClock()
  const pausesMs: number[] = []
  const told: string[] = []
  const waiting: { when: (items: SpoolItem[]) => boolean; resolve: () => void }[] = []
  const check = async () => {
    const items = await Array.fromAsync(spool.all())
    for (const { when, resolve } of waiting) if (when(items)) resolve()
  }
  const uploader = new Uploader(
    {
      spool,
      storeFile,
      onStored: (_, { objectId }) => told.push(objectId),
      retries: new RetryPlan(clock, { minFailedMs: 10_000, maxFailedMs: 40_000 }),
      clock,
      logger: silentLogger,
      pause: (durationMs, signal) => {
        if (durationMs === LONG_MS && pauseLong !== undefined) return pauseLong(signal)
        pausesMs.push(durationMs)
        clock.advance(durationMs)
        return Promise.resolve()
      },
      onChange: () => void check(),
    },
    { minRetryMs: 100, maxRetryMs: LONG_MS },
  )
  const add = async (name: string, importance: Importance, foundMs: number) => {
    await spool.add(
      { path: `/ship/${name}`, sizeBytes: 1, modifiedMs: foundMs },
      { importance, lane: 'normal' },
      foundMs,
    )
    uploader.noteArrival(importance)
  }
  const until = async (when: (items: SpoolItem[]) => boolean) => {
    const reached = new Promise<void>((resolve) => waiting.push({ when, resolve }))
    await check()
    await reached
  }
  const allStored = (items: SpoolItem[]) => items.every((item) => item.state === 'stored')
  return { spool, uploader, pausesMs, told, add, until, allStored }
}

describe('the agent’s uploader', () => {
  it('stores what matters most first, and tells of each object', async () => {
    const order: string[] = []
    const { uploader, told, add, until, allStored } = setup(({ path }) => {
      order.push(path)
      return Promise.resolve(storedAs(`orlop:${path}`))
    })
    await add('log', 'routine', 1)
    await add('plan', 'critical', 2)
    await uploader.start()
    await until(allStored)
    expect(order).to.deep.equal(['/ship/plan', '/ship/log'])
    expect(told).to.deep.equal(['orlop:/ship/plan', 'orlop:/ship/log'])
    await uploader.stop()
  })

  it('tries again, with growing pauses, what may pass', async () => {
    let calls = 0
    const { uploader, add, until, allStored, pausesMs } = setup(() => {
      calls++
      if (calls < 5)
        return Promise.reject(
          new OrlopError('NO_NODE_AVAILABLE', 'No node answers. Wait for the link.'),
        )
      return Promise.resolve(storedAs('orlop:a'))
    })
    await add('plan', 'critical', 1)
    await uploader.start()
    await until(allStored)
    expect(pausesMs).to.deep.equal([100, 200, 400, 400])
    await uploader.stop()
  })

  it('leaves to a person what cannot succeed, and goes on with the rest', async () => {
    const { uploader, add, until } = setup(({ path }) =>
      path.endsWith('bad')
        ? Promise.reject(new OrlopError('POLICY_INVALID', 'The policy has no rule. Mend it.'))
        : Promise.resolve(storedAs('orlop:b')),
    )
    await add('bad', 'critical', 1)
    await add('good', 'routine', 2)
    await uploader.start()
    await until(
      (items) => items.length === 2 && items[0]!.state === 'failed' && items[1]!.state === 'stored',
    )
    await uploader.stop()
  })

  it('tries what failed again at growing intervals, until somebody has mended it', async () => {
    let isMended = false
    const { uploader, add, until, allStored, pausesMs } = setup(() =>
      isMended
        ? Promise.resolve(storedAs('orlop:a'))
        : Promise.reject(new OrlopError('POLICY_INVALID', 'The policy has no rule. Mend it.')),
    )
    await add('plan', 'critical', 1)
    await uploader.start()
    await until(([item]) => item?.state === 'failed' && item.attempts >= 4)
    isMended = true
    await until(allStored)
    expect(pausesMs.slice(0, 4)).to.deep.equal([10_000, 20_000, 40_000, 40_000])
    await uploader.stop()
  })

  it('tries at once, after a restart, what failed before', async () => {
    const { uploader, spool, add, until, allStored, pausesMs } = setup(() =>
      Promise.resolve(storedAs('orlop:a')),
    )
    await add('plan', 'critical', 1)
    const item = await spool.next(() => 0)
    await spool.update(item!.key, { state: 'failed' })
    await uploader.start()
    await until(allStored)
    expect(pausesMs).to.deep.equal([])
    await uploader.stop()
  })

  it('is not held up by one file that no node takes', async () => {
    const { uploader, add, until } = setup(({ path }) =>
      path.endsWith('huge')
        ? Promise.reject(new OrlopError('NO_NODE_AVAILABLE', 'No node has the room.'))
        : Promise.resolve(storedAs('orlop:b')),
    )
    await add('huge', 'critical', 1)
    await add('small', 'routine', 2)
    await uploader.start()
    await until((items) => items.some(({ state }) => state === 'stored'))
    await uploader.stop()
  })

  it('lets what matters more try again during a long upload that came before it', async () => {
    const order: string[] = []
    let isLinkBack = false
    const { uploader, add, until, allStored } = setup(
      ({ path }, signal) => {
        order.push(path)
        if (path === '/ship/plan') {
          if (isLinkBack) return Promise.resolve(storedAs('orlop:plan'))
          isLinkBack = true
          return Promise.reject(new OrlopError('NODE_UNREACHABLE', 'The link is down.'))
        }
        if (order.length > 2) return Promise.resolve(storedAs('orlop:video'))
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new OrlopError('ABORTED', 'Stopped on request.'))
          })
        })
      },
      () => Promise.resolve(),
    )
    await add('plan', 'critical', 1)
    await add('video', 'routine', 2)
    await uploader.start()
    await until(allStored)
    expect(order).to.deep.equal(['/ship/plan', '/ship/video', '/ship/plan', '/ship/video'])
    await uploader.stop()
  })

  it('lets go of a file that was written again before its turn', async () => {
    const { uploader, add, until, told } = setup(() => Promise.resolve(null))
    await add('log', 'routine', 1)
    await uploader.start()
    await until(([item]) => item?.state === 'replaced')
    expect(told).to.deep.equal([])
    await uploader.stop()
  })

  it('interrupts an upload for a more important file, and continues it afterwards', async () => {
    const order: string[] = []
    let begun: (() => void) | null = null
    const routineBegan = new Promise<void>((resolve) => (begun = resolve))
    const { uploader, add, until, allStored } = setup(({ path }, signal) => {
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
    await until((items) => items.length === 2 && allStored(items))
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
    expect((await spool.next(() => 0))?.state).to.equal('storing')
  })
})
