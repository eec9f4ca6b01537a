import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import { crewConformance } from '../pipeline/crew.conformance.ts'
import { createContext } from '../pipeline/object-context.ts'
import { pipelineConformance } from '../pipeline/pipelines.conformance.ts'
import { sealPipeline } from '../pipeline/seal-pipeline.ts'
import { streamSource } from '../pipeline/stream-source.ts'
import type { WorkRequest } from '../pipeline/work-messages.ts'
import { WorkerCrew } from '../pipeline/worker-crew.ts'
import { SOFTWARE } from '../software.ts'
import { MemorySink, noise, TEST_CHUNK_BYTES, testKeys } from '../testkit/sealed-object.ts'
import { withoutSharedMemory } from '../testkit/without-shared-memory.ts'
import { FAKE_ORIGIN, FakeWorker } from './fake-worker.ts'
import { pageCrews, type PageCrewsOptions } from './page-crews.ts'
import { serveWork, type WorkerScope } from './serve-work.ts'
import { webWorkerStarter } from './start-web-worker.ts'

use(chaiAsPromised)

const PLAIN = noise(5 * TEST_CHUNK_BYTES)

const workersOf = (options: { readonly idleMs?: number }) =>
  new WorkerCrew({
    width: 2,
    idleMs: 60_000,
    ...options,
    start: webWorkerStarter({
      make: () => new FakeWorker(),
      origin: FAKE_ORIGIN,
      startTimeoutMs: 60_000,
    }),
  })

/** A page's crews, whose warnings and workers can be seen. */
function openPage(options: Partial<PageCrewsOptions> = {}) {
  const workers: FakeWorker[] = []
  const warnings: unknown[] = []
  const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) }
  const worker = () => {
    const made = new FakeWorker()
    workers.push(made)
    return made
  }
  const crews = pageCrews({ worker, logger, origin: FAKE_ORIGIN, cores: 2, ...options })
  const seal = () => {
    const sink = new MemorySink()
    const request = { ...testKeys(), source: streamSource([PLAIN]), sink, crews }
    return sealPipeline({ ...request, compression: { codec: 'zstd', level: 1 } })
  }
  return { crews, workers, warnings, seal }
}

/** Operations that workers were sent, by name. */
const operationsOf = (workers: readonly FakeWorker[]) =>
  workers.flatMap(({ posted }) => posted.map(({ data }) => (data as WorkRequest).operation))

crewConformance('web workers', workersOf)

pipelineConformance('in web workers', () => {
  const { crews } = openPage()
  return { crew: crews.threads, stop: () => crews.stop() }
})

describe('in a page that is not isolated', () => {
  withoutSharedMemory()
  pipelineConformance('in web workers', () => {
    const { crews } = openPage()
    return { crew: crews.threads, stop: () => crews.stop() }
  })

  it('copies no chunk: its memory goes to the workers, and comes back', async () => {
    const { crews, workers, seal } = openPage()
    await seal()
    const chunks = workers.flatMap(({ posted }) =>
      posted.filter(({ data }) => 'plain' in (data as WorkRequest).request),
    )
    expect(chunks).to.have.length(2 * 5)
    for (const { data, transfer } of chunks) {
      const { plain } = (data as WorkRequest).request as { readonly plain: Uint8Array }
      expect(transfer).to.include(plain.buffer)
      expect(plain.buffer).to.have.property('detached', true)
    }
    await crews.stop()
  })

  it('leaves no copy of a data key with a worker: it wipes what it was sent', async () => {
    const context = createContext(testKeys().headerBytes, testKeys().dataKey)
    const answered = Promise.withResolvers<unknown>()
    let hear: Parameters<WorkerScope['addEventListener']>[1] = () => undefined
    serveWork({
      origin: FAKE_ORIGIN,
      postMessage: (message) => 'id' in message && answered.resolve(message),
      addEventListener: (_, listener) => (hear = listener),
    })
    const position = { chunkNumber: 0, isLast: true }
    const choice = { compression: { codec: 'stored', level: 1 }, hashPlain: false }
    const request = {
      context,
      ...position,
      ...choice,
      plain: noise(100),
      target: new ArrayBuffer(0),
    }
    hear({ data: { id: 1, operation: 'seal', request } })
    expect(await answered.promise).to.have.property('result')
    expect([...context.dataKey]).to.deep.equal(new Array(32).fill(0))
  })
})

describe('web workers of a page', () => {
  it('do all the work on chunks; none is made before there is some', async () => {
    const { crews, workers, warnings, seal } = openPage()
    expect(workers).to.have.length(0)
    await seal()
    expect(workers).to.have.length(2)
    const done = operationsOf(workers)
    for (const operation of ['hash', 'seal', 'leaves'] as const) {
      expect(done.filter((name) => name === operation)).to.have.length(5)
    }
    expect(warnings).to.deep.equal([])
    await crews.stop()
  })

  it('are one for each core, and four at most', async () => {
    for (const [cores, expected] of [
      [1, 1],
      [3, 3],
      [16, 4],
    ] as const) {
      const { crews, workers, seal } = openPage({ cores })
      await seal()
      expect(workers).to.have.length(expected)
      await crews.stop()
    }
  })

  it('begin operations in the order in which they were asked for, before and after they are there', async () => {
    const { crews } = openPage()
    const { threads } = crews
    const add = (offset: number) =>
      threads.run('hash', { contextId: 7, plain: noise(10), offset }, { pin: 7 })
    await Promise.all([0, 10, 20].map(add))
    await Promise.all([30, 40].map(add))
    const request = { contextId: 7, totalBytes: 50 }
    expect(await threads.run('digest', request, { pin: 7 })).to.have.property('plainSha256')
    await crews.stop()
  })

  it('end with their crew', async () => {
    const { crews, workers, seal } = openPage()
    await seal()
    await crews.stop()
    expect(workers.map(({ isTerminated }) => isTerminated)).to.deep.equal([true, true])
  })

  it('fail what one of them had to do when it dies, and are replaced', async () => {
    const { crews, workers, warnings, seal } = openPage({ cores: 1 })
    const failing = seal()
    const request = { sealed: new Uint8Array(10), offset: 0 }
    await crews.threads.run('leaves', request)
    workers[0]?.fail('out of memory')
    const error: unknown = await failing.catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'INTERNAL' })
    expect(error).to.have.nested.property('cause.message', 'out of memory')
    expect(workers[0]?.isTerminated).to.equal(true)
    expect((await seal()).plainBytes).to.equal(PLAIN.length)
    expect(workers).to.have.length(2)
    expect(warnings).to.deep.equal([])
    await crews.stop()
  })

  describe('that cannot be had', () => {
    const strange = (scope: WorkerScope) =>
      scope.postMessage({ software: 'orlop-sdk/0.0.1', origin: scope.origin })
    const cases: Record<string, { options: Partial<PageCrewsOptions>; reason: string }> = {
      'are forbidden at once': {
        options: {
          worker: () => {
            throw new DOMException('forbidden by policy', 'SecurityError')
          },
        },
        reason: 'forbidden by policy',
      },
      'have no script there': {
        options: {
          worker: () => {
            const worker = new FakeWorker({ script: () => undefined })
            queueMicrotask(() => worker.dispatchEvent(new Event('error')))
            return worker
          },
        },
        reason: 'its script was not found, or is forbidden',
      },
      'say nothing in time': {
        options: { worker: () => new FakeWorker({ script: () => undefined }), startTimeoutMs: 1 },
        reason: 'it said nothing within 1 ms',
      },
      'are of another origin': {
        options: { worker: () => new FakeWorker({ origin: 'null' }) },
        reason: `it runs ${SOFTWARE} of null where the page is ${SOFTWARE}`,
      },
      'are of another version': {
        options: { worker: () => new FakeWorker({ script: strange }) },
        reason: `it runs orlop-sdk/0.0.1 of ${FAKE_ORIGIN} where the page is ${SOFTWARE}`,
      },
    }
    for (const [what, { options, reason }] of Object.entries(cases)) {
      it(`${what}: the page’s thread does their work, which is logged once, and they get nothing`, async () => {
        const made: FakeWorker[] = []
        const worker = () => {
          const one = options.worker?.() as FakeWorker
          made.push(one)
          return one
        }
        const { crews, warnings, seal } = openPage({ ...options, worker })
        expect((await seal()).plainBytes).to.equal(PLAIN.length)
        expect((await seal()).plainBytes).to.equal(PLAIN.length)
        expect(warnings).to.deep.equal([{ reason }])
        expect(made.flatMap(({ posted }) => posted)).to.deep.equal([])
        expect(made.every(({ isTerminated }) => isTerminated)).to.equal(true)
        await crews.stop()
      })
    }

    it('are not even tried where the page wants none', async () => {
      const { crews, warnings, seal } = openPage({ worker: null })
      expect((await seal()).plainBytes).to.equal(PLAIN.length)
      expect(warnings).to.deep.equal([])
      await crews.stop()
    })
  })
})
