import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'

import { MemorySink, noise, TEST_CHUNK_BYTES, testKeys } from '../testkit/sealed-object.ts'
import { sealPipeline } from './seal-pipeline.ts'
import { streamSource } from './stream-source.ts'
import type { WorkerCrew } from './worker-crew.ts'

use(chaiAsPromised)

/**
 * What a crew of workers does, whichever platform's workers they are.
 *
 * @param make - makes a crew of two workers that are kept for `idleMs` without work, or as long as the platform's crew keeps them.
 */
export function crewConformance(
  name: string,
  make: (options: { readonly idleMs?: number }) => WorkerCrew,
): void {
  describe(`crew of workers: ${name}`, () => {
    const crews: WorkerCrew[] = []

    function makeCrew(options: { readonly idleMs?: number } = {}): WorkerCrew {
      const crew = make(options)
      crews.push(crew)
      return crew
    }

    after(() => Promise.all(crews.map((crew) => crew.stop())))

    function seal(crew: WorkerCrew, chunks: number, signal?: AbortSignal) {
      return sealPipeline({
        ...testKeys(),
        source: streamSource([noise(chunks * TEST_CHUNK_BYTES)]),
        compression: { codec: 'stored', level: 1 },
        sink: new MemorySink(),
        crews: { inline: crew, threads: crew },
        ...(signal === undefined ? {} : { signal }),
      })
    }

    it('starts no worker before there is work, and no more than it may', async () => {
      const crew = makeCrew()
      expect(crew.workerCount).to.equal(0)
      await seal(crew, 1)
      expect(crew.workerCount).to.equal(1)
      await Promise.all([seal(crew, 20), seal(crew, 20)])
      expect(crew.workerCount).to.equal(2)
    })

    it('starts its workers ahead of the work when told to, and ends them when none comes', async () => {
      const crew = makeCrew({ idleMs: 0 })
      crew.warm()
      expect(crew.workerCount).to.equal(2)
      expect(await crew.whenReady()).to.equal(null)
      await crew.whenEmpty()
      expect(crew.workerCount).to.equal(0)
    })

    it('ends its workers when there is no work, also after work that was stopped midway', async () => {
      const crew = makeCrew({ idleMs: 0 })
      const controller = new AbortController()
      const sealing = seal(crew, 200, controller.signal)
      setImmediate(() => controller.abort())
      await expect(sealing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
      await crew.whenEmpty()
      expect(crew.workerCount).to.equal(0)
      expect((await seal(crew, 3)).plainBytes).to.equal(3 * TEST_CHUNK_BYTES)
    })

    it('keeps the worker that holds an object’s running hash, however long the next bytes take', async () => {
      const crew = makeCrew({ idleMs: 0 })
      const plain = noise(100)
      await crew.run('hash', { contextId: 1, plain, offset: 0 }, { pin: 1 })
      await crew.run('leaves', { sealed: Uint8Array.from(plain), offset: 0 })
      await new Promise((resolve) => setTimeout(resolve, 0))
      const request = { contextId: 1, totalBytes: 100 }
      const { plainSha256 } = await crew.run('digest', request, { pin: 1 })
      expect(plainSha256.length).to.equal(32)
      await crew.release(1)
      await crew.whenEmpty()
    })

    it('gives no work to a worker that was told to end', async () => {
      const crew = makeCrew()
      await seal(crew, 1)
      const stopped = crew.stop()
      await seal(crew, 3)
      await stopped
    })

    it('fails work that waits in a worker that ends, and works on with a new one', async () => {
      const crew = makeCrew()
      const sealing = seal(crew, 500)
      await crew.run('leaves', { sealed: new Uint8Array(10), offset: 0 })
      await crew.stop()
      await expect(sealing).to.be.rejected.and.eventually.include({ code: 'INTERNAL' })
      expect((await seal(crew, 3)).plainBytes).to.equal(3 * TEST_CHUNK_BYTES)
    })

    it('refuses to go on with a hash that it has forgotten', async () => {
      const crew = makeCrew()
      const request = { contextId: 9, plain: noise(10), offset: 4096 }
      await expect(crew.run('hash', request, { pin: 9 })).to.be.rejectedWith(
        'expected 0 bytes before',
      )
      await crew.release(9)
    })

    it('hands memory over instead of copying it', async () => {
      const crew = makeCrew()
      const plain = Uint8Array.from(noise(100_000))
      const { buffer } = plain
      const request = { contextId: 3, plain, offset: 0 }
      const hashed = await crew.run('hash', request, { pin: 3, transfer: [buffer] })
      expect(buffer.byteLength).to.equal(0)
      expect(Buffer.compare(hashed.plain, noise(100_000))).to.equal(0)
      await crew.release(3)
    })
  })
}
