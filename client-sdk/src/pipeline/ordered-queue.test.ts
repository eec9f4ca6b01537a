import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'

import { OrderedQueue } from './ordered-queue.ts'

use(chaiAsPromised)

async function takeAll<T>(queue: OrderedQueue<T>, taken: T[] = []): Promise<T[]> {
  for await (const item of queue.take()) taken.push(item)
  return taken
}

describe('ordered queue', () => {
  it('gives results in the order of their beginning, whatever ends first', async () => {
    const queue = new OrderedQueue<number>(3)
    const first = Promise.withResolvers<number>()
    queue.push(first.promise)
    queue.push(Promise.resolve(2))
    queue.end()
    const taken = takeAll(queue)
    await Promise.resolve()
    first.resolve(1)
    expect(await taken).to.deep.equal([1, 2])
  })

  it('has room only until the limit, the item in the taker’s hands counted', async () => {
    const queue = new OrderedQueue<number>(2)
    for (const item of [1, 2]) {
      expect(await queue.room()).to.equal(true)
      queue.push(Promise.resolve(item))
    }
    let isRoom = false
    const room = queue.room().then((answer) => (isRoom = answer))
    const items = queue.take()
    expect((await items.next()).value).to.equal(1)
    await new Promise(setImmediate)
    expect(isRoom).to.equal(false)
    const second = items.next()
    expect(await room).to.equal(true)
    expect((await second).value).to.equal(2)
  })

  it('gives a failure in its turn, after the items before it', async () => {
    const queue = new OrderedQueue<number>(5)
    queue.push(Promise.resolve(1))
    queue.push(Promise.reject(new Error('second')))
    queue.push(Promise.resolve(3))
    const taken: number[] = []
    await expect(takeAll(queue, taken)).to.be.rejectedWith('second')
    expect(taken).to.deep.equal([1])
  })

  it('gives the failure of the one who begins', async () => {
    const queue = new OrderedQueue<number>(5)
    queue.push(Promise.resolve(1))
    queue.fail(new Error('source'))
    const taken: number[] = []
    await expect(takeAll(queue, taken)).to.be.rejectedWith('source')
    expect(taken).to.deep.equal([1])
  })

  it('tells the one who begins that nothing more is wanted', async () => {
    const queue = new OrderedQueue<number>(1)
    queue.push(Promise.resolve(1))
    const room = queue.room()
    for await (const item of queue.take()) {
      expect(item).to.equal(1)
      break
    }
    expect(await room).to.equal(false)
  })
})
