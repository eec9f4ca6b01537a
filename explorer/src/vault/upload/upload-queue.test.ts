import { EventEmitter, once } from 'node:events'
import type { ActionOptions, ClientEvent, UnfinishedUpload } from '@orlop/client-sdk/browser'
import { OrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import { MemoryVaultClient, sampleRecord, type UploadStep } from '../testkit/memory-vault-client.ts'
import { UploadQueue } from './upload-queue.ts'

const LEFT: UnfinishedUpload = {
  objectId: `orlop:${'a'.repeat(52)}`,
  name: 'left.bin',
  state: 'sealed',
  isActive: false,
  isSealed: true,
  plainBytes: 1000,
  durableBytes: 300,
  totalBytes: 900,
  requestKey: null,
}

describe('upload queue', () => {
  let client: MemoryVaultClient
  let queue: UploadQueue
  /** Uploads that wait at a step, to be let on. */
  let held: Map<string, () => void>
  /** Tells the name of an upload that has come to the step. */
  let arrivals: EventEmitter

  beforeEach(() => {
    client = new MemoryVaultClient(sampleRecord('admitted'))
    queue = new UploadQueue(client)
    held = new Map()
    arrivals = new EventEmitter()
  })

  const file = (name: string) => ({ name, blob: new Blob(['x'.repeat(1000)]) })
  const phases = () => queue.items.map(({ phase }) => phase)
  const idOf = (name: string) => queue.items.find((item) => item.name === name)!.id

  /** Waits for a state of the queue. */
  function reached(isSo: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const end = queue.subscribe(() => {
      if (isSo()) resolve(undefined)
    })
    if (isSo()) resolve(undefined)
    return promise.then(() => {
      end()
    })
  }

  const reach = (...wanted: string[]) => reached(() => phases().join() === wanted.join())

  /** Has uploads wait at a step until they are let on by their name. */
  function holdAt(step: UploadStep): void {
    client.onStep = (at, name) => {
      if (at !== step) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<undefined>()
      held.set(name, () => resolve(undefined))
      arrivals.emit(name)
      return promise
    }
  }

  it('stores a file and tells how far it is', async () => {
    holdAt('sending')
    queue.add([file('a.bin')], { level: 2 })
    await reach('sending')
    expect(queue.items[0]).to.include({ sizeBytes: 1000, sentBytes: 600, totalBytes: 1000 })
    expect(queue.isBusy).to.equal(true)
    held.get('a.bin')!()
    await reach('done')
    expect(queue.isBusy).to.equal(false)
    const [stored] = client.calls
    expect(stored?.request).to.deep.include({ name: 'a.bin', overrides: { level: 2 } })
  })

  it('runs two at a time; what only waits for the ledger makes room', async () => {
    holdAt('recording')
    queue.add(['a', 'b', 'c'].map(file))
    await reach('recording', 'recording', 'recording')
    holdAt('asking')
    queue.add(['d', 'e', 'f'].map(file))
    await reached(() => phases().slice(3).join() === 'asking,asking,waiting')
    queue.stop()
  })

  it('pauses and goes on with the same request', async () => {
    holdAt('sending')
    queue.add([file('a.bin')])
    await reach('sending')
    queue.pause(idOf('a.bin'))
    await reach('paused')
    client.onStep = () => Promise.resolve()
    queue.goOn(idOf('a.bin'))
    await reach('done')
    const keys = client.calls.map(({ request }) => (request as { requestKey: string }).requestKey)
    expect(keys).to.have.length(2)
    expect(new Set(keys).size).to.equal(1)
  })

  it('pauses what waits before it began', async () => {
    holdAt('asking')
    const arrived = once(arrivals, 'a')
    queue.add(['a', 'b', 'c'].map(file))
    queue.pause(idOf('c'))
    expect(phases()).to.deep.equal(['asking', 'asking', 'paused'])
    await arrived
    queue.stop()
  })

  it('gives up what is cancelled, and deletes what was sealed of it', async () => {
    holdAt('sending')
    queue.add([file('a.bin')])
    await reach('sending')
    const { objectId } = queue.items[0]!
    client.unfinished = [{ ...LEFT, objectId: objectId! }]
    await queue.cancel(idOf('a.bin'))
    await reach()
    expect(client.unfinished).to.deep.equal([])
  })

  it('takes a cancelled file off although nothing was kept of it', async () => {
    holdAt('asking')
    const arrived = once(arrivals, 'a.bin')
    queue.add([file('a.bin')])
    await arrived
    await queue.cancel(idOf('a.bin'))
    await reach()
  })

  it('gets on with an upload until its link breaks', async () => {
    const { store } = client
    let tell: ActionOptions['onProgress']
    client.store = (request, options) => {
      tell = options?.onProgress
      return store(request, options)
    }
    holdAt('sending')
    queue.add([file('x')])
    await reach('sending')
    expect(queue).to.include({ isBusy: true, isMoving: true })
    const object = { objectId: LEFT.objectId, objectName: LEFT.objectId }
    tell?.({ ...object, type: 'retrying', reason: 'no link' } as unknown as ClientEvent)
    expect(queue).to.include({ isBusy: true, isMoving: false })
    held.get('x')!()
    await reach('done')
  })

  it('begins nothing again that is being given up', async () => {
    const ids = ['a', 'b'].map((letter) => `orlop:${letter.repeat(52)}`)
    client.unfinished = ids.map((objectId) => ({ ...LEFT, objectId }))
    await queue.adopt()
    const gone = Promise.withResolvers<undefined>()
    const { abandon } = client
    client.abandon = async (request) => {
      await gone.promise
      await abandon(request)
    }
    const [waits, interrupted] = ids as [string, string]
    const resumes = () => client.calls.filter(({ verb }) => verb === 'resume')
    const cancelled = queue.cancel(interrupted)
    queue.goOn(interrupted)
    expect(resumes()).to.deep.equal([])
    holdAt('asking')
    const arrived = Promise.all(['x', 'y'].map((name) => once(arrivals, name)))
    queue.add([file('x'), file('y')])
    await arrived
    queue.goOn(waits)
    const cancelledToo = queue.cancel(waits)
    held.get('x')!()
    await reached(() => queue.items.some(({ phase }) => phase === 'done'))
    expect(resumes()).to.deep.equal([])
    gone.resolve(undefined)
    await Promise.all([cancelled, cancelledToo])
    expect(client.unfinished).to.deep.equal([])
    queue.stop()
  })

  it('says why a file could not be stored, tries it again, and lets go of it', async () => {
    client.onStep = () => Promise.reject(new OrlopError('NO_NODE_AVAILABLE', 'No node.'))
    queue.add([file('a.bin')])
    await reach('failed')
    expect(queue.items[0]!.error).to.include({ code: 'NO_NODE_AVAILABLE' })
    queue.goOn(idOf('a.bin'))
    await reached(() => client.calls.length === 2 && phases().join() === 'failed')
    await queue.dismiss(idOf('a.bin'))
    expect(queue.items).to.deep.equal([])
  })

  it('shows what an earlier session left, once, and goes on with it from what was sealed', async () => {
    client.unfinished = [LEFT, { ...LEFT, objectId: `orlop:${'b'.repeat(52)}`, isSealed: false }]
    await Promise.all([queue.adopt(), queue.adopt()])
    expect(phases()).to.deep.equal(['interrupted', 'lost'])
    expect(queue.items[0]).to.include({ sentBytes: 300, totalBytes: 900 })
    holdAt('recording')
    queue.goOn(LEFT.objectId)
    await reach('recording', 'lost')
    held.get(LEFT.objectId)!()
    await reach('done', 'lost')
    const resumed = client.calls.filter(({ verb }) => verb === 'resume')
    expect(resumed.map(({ request }) => request)).to.deep.equal([LEFT.objectId])
    await queue.dismiss(`orlop:${'b'.repeat(52)}`)
    expect(phases()).to.deep.equal(['done'])
  })

  it('shows what cannot be continued as failed', async () => {
    client.unfinished = [LEFT]
    await queue.adopt()
    const failed = { ...LEFT, code: 'USAGE', reason: 'Store it again.' } as const
    client.resume = () => Promise.resolve({ stored: [], failed: [failed] })
    queue.goOn(LEFT.objectId)
    await reach('failed')
    expect(queue.items[0]!.error).to.include({ code: 'USAGE', message: 'Store it again.' })
  })

  it('is silent and empty once it was stopped', async () => {
    holdAt('sending')
    queue.add([file('a.bin')])
    await reach('sending')
    queue.stop()
    expect(queue.items).to.deep.equal([])
    await client.close()
    expect(queue.items).to.deep.equal([])
    expect(client.calls.some(({ verb }) => verb === 'abandon')).to.equal(false)
  })
})
