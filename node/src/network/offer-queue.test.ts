import { expect } from 'chai'
import { ManualTime } from '../storage/testkit/manual-time.ts'
import { OfferQueue } from './offer-queue.ts'

describe('order of answers', () => {
  const digest = (fill: number) => new Uint8Array(32).fill(fill)

  it('is that of request times among offers pending together, ties by hash', async () => {
    const time = new ManualTime()
    const queue = new OfferQueue({ timers: time })
    const decided: string[] = []
    const take = (name: string, requestTimeMs: number, fill: number) =>
      queue.take({ requestTimeMs, digest: digest(fill) }, () => {
        decided.push(name)
        return Promise.resolve(name)
      })
    const answers = [take('late', 30, 1), take('tie high', 20, 9), take('early', 10, 5)]
    time.advance(100)
    answers.push(take('tie low', 20, 2))
    time.advance(100)
    expect(await Promise.all(answers)).to.deep.equal(['late', 'tie high', 'early', 'tie low'])
    expect(decided).to.deep.equal(['early', 'tie low', 'tie high', 'late'])
  })

  it('decides one after the other, also when an earlier window is not through', async () => {
    const time = new ManualTime()
    const queue = new OfferQueue({ timers: time })
    const log: string[] = []
    const begun = Promise.withResolvers<undefined>()
    const hold = Promise.withResolvers<undefined>()
    const slow = queue.take({ requestTimeMs: 2, digest: digest(1) }, async () => {
      log.push('slow begins')
      begun.resolve(undefined)
      await hold.promise
      log.push('slow ends')
    })
    time.advance(200)
    await begun.promise
    const fast = queue.take({ requestTimeMs: 1, digest: digest(2) }, () => {
      log.push('fast')
      return Promise.resolve()
    })
    time.advance(200)
    hold.resolve(undefined)
    await Promise.all([slow, fast])
    expect(log).to.deep.equal(['slow begins', 'slow ends', 'fast'])
  })

  it('goes on when a decision fails', async () => {
    const time = new ManualTime()
    const queue = new OfferQueue({ timers: time })
    const failing = queue.take({ requestTimeMs: 1, digest: digest(1) }, () =>
      Promise.reject(new Error('disk')),
    )
    const next = queue.take({ requestTimeMs: 2, digest: digest(2) }, () => Promise.resolve('ok'))
    time.advance(200)
    expect(await failing.catch((error: unknown) => (error as Error).message)).to.equal('disk')
    expect(await next).to.equal('ok')
  })
})
