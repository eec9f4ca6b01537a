import { expect } from 'chai'

import { expectRejection } from '../testing/expect-error.ts'
import { CardBusyError, CardClosedError } from './card-errors.ts'
import { SessionPool } from './session-pool.ts'

/** Numbered sessions, and which of them are open. */
class FakeDevice {
  readonly open = new Set<number>()
  opened = 0
  /** What the next openings do instead of opening. */
  readonly failures: Error[] = []

  pool(maxSessions: number, maxQueue = 10): SessionPool<number> {
    return new SessionPool({
      card: 'fake',
      maxSessions,
      maxQueue,
      open: () => {
        const failure = this.failures.shift()
        if (failure !== undefined) return Promise.reject(failure)
        this.open.add(++this.opened)
        return Promise.resolve(this.opened)
      },
      close: (session) => {
        this.open.delete(session)
        return session === 13 ? Promise.reject(new Error('gone')) : Promise.resolve()
      },
    })
  }
}

/** Lets every promise that can settle do so. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the session pool', () => {
  let device: FakeDevice

  beforeEach(() => {
    device = new FakeDevice()
  })

  it('never gives a session to two calls at a time, and opens no more than allowed', async () => {
    const pool = device.pool(3, 100)
    const inUse = new Set<number>()
    let most = 0
    const call = async (session: number) => {
      expect(inUse.has(session), `session ${String(session)}`).to.equal(false)
      inUse.add(session)
      most = Math.max(most, inUse.size)
      await settle()
      inUse.delete(session)
    }
    await Promise.all(Array.from({ length: 30 }, () => pool.use(call)))
    expect(most).to.equal(3)
    expect(device.opened).to.equal(3)
    expect(pool.load).to.deep.equal({ busy: 0, idle: 3, waiting: 0 })
    await pool.close()
  })

  it('serves those who wait in their order', async () => {
    const pool = device.pool(1)
    const order: number[] = []
    const call = (index: number) => () => {
      order.push(index)
      return settle()
    }
    await Promise.all([1, 2, 3, 4].map((index) => pool.use(call(index))))
    expect(order).to.deep.equal([1, 2, 3, 4])
    await pool.close()
  })

  it('closes a session in which a call failed, and opens another', async () => {
    const pool = device.pool(1)
    const failure = new Error('half done')
    const failing = expectRejection(Error, () => pool.use(() => Promise.reject(failure)))
    const next = pool.use((session) => Promise.resolve(session))
    expect(await failing).to.equal(failure)
    expect(await next).to.equal(2)
    expect([...device.open]).to.deep.equal([2])
    await pool.close()
  })

  it('lets the next one try when a session cannot be opened', async () => {
    const pool = device.pool(1)
    device.failures.push(new Error('no more sessions'))
    const refused = expectRejection(Error, () => pool.use(() => Promise.resolve(0)))
    const served = pool.use((session) => Promise.resolve(session))
    expect((await refused).message).to.equal('no more sessions')
    expect(await served).to.equal(1)
    await pool.close()
  })

  it('refuses a call as busy when too many wait', async () => {
    const pool = device.pool(1, 1)
    const first = await pool.lease()
    const waiting = pool.lease()
    const error = await expectRejection(CardBusyError, () => pool.lease())
    expect(error.message).to.contain('card fake: 1 calls wait')
    expect(error.code).to.equal('CARD_BUSY')
    first.release(true)
    const second = await waiting
    second.release(true)
    await pool.close()
  })

  it('stops waiting when the signal fires, and forgets the waiter', async () => {
    const pool = device.pool(1)
    const lease = await pool.lease()
    const controller = new AbortController()
    const waiting = expectRejection(Error, () => pool.lease(controller.signal))
    await settle()
    const reason = new Error('no longer wanted')
    controller.abort(reason)
    expect(await waiting).to.equal(reason)
    expect(pool.load.waiting).to.equal(0)
    lease.release(true)
    expect(pool.load).to.deep.equal({ busy: 0, idle: 1, waiting: 0 })
    await pool.close()
  })

  it('takes a session back once', async () => {
    const pool = device.pool(2)
    const lease = await pool.lease()
    lease.release(true)
    lease.release(true)
    expect(pool.load).to.deep.equal({ busy: 0, idle: 1, waiting: 0 })
    await pool.close()
  })

  it('refuses who waits when it closes, lets who works finish, and closes every session', async () => {
    const pool = device.pool(1)
    const lease = await pool.lease()
    const waiting = expectRejection(CardClosedError, () => pool.lease())
    await settle()
    let isClosed = false
    const closing = pool.close().then(() => {
      isClosed = true
    })
    await waiting
    await settle()
    expect(isClosed, 'while a call is under way').to.equal(false)
    lease.release(true)
    await closing
    expect(device.open.size).to.equal(0)
    await expectRejection(CardClosedError, () => pool.lease())
    await pool.close()
  })

  it('gives away no session that was being opened when it closed', async () => {
    const pool = device.pool(1)
    const opening = expectRejection(CardClosedError, () => pool.lease())
    await pool.close()
    await opening
    expect(device.open.size).to.equal(0)
  })

  it('does not mind a session that cannot be closed', async () => {
    device.opened = 12
    const pool = device.pool(1)
    const lease = await pool.lease()
    expect(lease.session).to.equal(13)
    lease.release(false)
    await settle()
    expect(pool.load.busy).to.equal(0)
    await pool.close()
  })

  it('calls numbers out of bounds misuse', () => {
    expect(() => device.pool(0)).to.throw(RangeError, 'maxSessions')
    expect(() => device.pool(257)).to.throw(RangeError, 'maxSessions')
    expect(() => device.pool(1, -1)).to.throw(RangeError, 'maxQueue')
  })
})
