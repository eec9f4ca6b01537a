import { expect } from 'chai'
import { memorySource } from './memory-source.fixture.ts'
import { readLog } from './nmea/read-log.ts'
import { PREVIEW_HEAD_BYTES, readAll, readHead } from './preview-source.ts'

const { signal } = new AbortController()

describe('readHead and readAll', () => {
  it('read every byte once, in order', async () => {
    const bytes = new Uint8Array(3 * PREVIEW_HEAD_BYTES + 5).map((_, index) => index % 251)
    const source = memorySource(bytes)
    const reading = await readHead(source, signal)
    expect(reading.head).to.deep.equal(bytes.subarray(0, PREVIEW_HEAD_BYTES))
    const pieces: Uint8Array[] = []
    const progress: number[] = []
    for await (const piece of readAll(reading, {
      signal,
      onProgress: (doneBytes) => progress.push(doneBytes),
    })) {
      pieces.push(piece)
    }
    expect(Buffer.concat(pieces).equals(bytes)).to.equal(true)
    expect(source.ranges).to.deep.equal([
      { start: 0, end: PREVIEW_HEAD_BYTES },
      { start: PREVIEW_HEAD_BYTES, end: bytes.length },
    ])
    expect(progress.at(-1)).to.equal(bytes.length)
  })

  it('ask for nothing of an empty object, and once for a small one', async () => {
    const [empty, small] = [memorySource(new Uint8Array()), memorySource(new Uint8Array(10))]
    for (const source of [empty, small]) {
      const reading = await readHead(source, signal)
      expect(await Array.fromAsync(readAll(reading, { signal }))).to.have.length(1)
    }
    expect([empty.ranges.length, small.ranges.length]).to.deep.equal([0, 1])
  })

  it('end when they are told to', async () => {
    const source = memorySource(new Uint8Array(2 * PREVIEW_HEAD_BYTES))
    const abort = new AbortController()
    const reading = await readHead(source, abort.signal)
    abort.abort(new Error('the reader went away'))
    let error: unknown = null
    await readLog(reading, { signal: abort.signal }).catch((thrown: unknown) => (error = thrown))
    expect(error).to.be.an('error').with.property('message', 'the reader went away')
  })
})
