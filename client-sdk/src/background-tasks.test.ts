import { expect } from 'chai'
import { silentLogger } from '@orlop/protocol/logger'
import { BackgroundTasks } from './background-tasks.ts'

describe('background tasks', () => {
  it('run once more, and only once, for all that asked while they ran', async () => {
    const tasks = new BackgroundTasks(silentLogger)
    const first = Promise.withResolvers<undefined>()
    let runs = 0
    const task = async () => {
      runs += 1
      if (runs === 1) await first.promise
    }
    for (let call = 0; call < 5; call++) tasks.runOnce('tend', task)
    expect(runs).to.equal(1)
    first.resolve(undefined)
    await tasks.settled()
    expect(runs).to.equal(2)
    tasks.runOnce('tend', task)
    await tasks.settled()
    expect(runs).to.equal(3)
  })

  it('can be started again after they failed', async () => {
    const tasks = new BackgroundTasks(silentLogger)
    let runs = 0
    const fail = () => {
      runs += 1
      return Promise.reject(new Error('no link'))
    }
    tasks.runOnce('tend', fail)
    await tasks.settled()
    tasks.runOnce('tend', fail)
    await tasks.settled()
    expect(runs).to.equal(2)
  })

  it('are waited for at the end, until there is no time left for them', async () => {
    const tasks = new BackgroundTasks(silentLogger)
    const stalled = (signal: AbortSignal) =>
      new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    tasks.run('tend', stalled)
    const hurry = new AbortController()
    const ended = tasks.end(hurry.signal).then(() => 'ended')
    expect(await Promise.race([ended, new Promise((resolve) => setImmediate(resolve))])).to.equal(
      undefined,
    )
    hurry.abort()
    expect(await ended).to.equal('ended')
  })

  it('start no more once they were ended', async () => {
    const tasks = new BackgroundTasks(silentLogger)
    await tasks.end()
    let runs = 0
    tasks.runOnce('tend', () => {
      runs += 1
      return Promise.resolve()
    })
    expect(runs).to.equal(0)
  })
})
