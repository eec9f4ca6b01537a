import { expect } from 'chai'
import { defaultPolicy } from '../policy/default-policy.generated.ts'
import { loadPolicy } from '../policy/load-policy.ts'
import { blobSource } from './blob-source.ts'
import { readBlob } from './read-blob.ts'

describe('what a page stores and shows', () => {
  it('reads a chosen file from its beginning to its end, and its head for classification', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251)
    const source = await blobSource(new Blob([bytes]))
    if (!('stream' in source)) throw new TypeError('source: expected a stream')
    expect(source.maxBytes).to.equal(bytes.length)
    expect(source.head).to.deep.equal(bytes.subarray(0, 64 * 1024))
    expect(Buffer.concat(await Array.fromAsync(source.stream)).equals(bytes)).to.equal(true)
  })

  it('gives nothing of an object that fails on its way', async () => {
    const failing = (async function* () {
      yield await Promise.resolve(new Uint8Array(3))
      throw new Error('damaged')
    })()
    const message = await readBlob(failing).catch((error: unknown) => String(error))
    expect(message).to.equal('Error: damaged')
  })

  it('takes an object for no document unless told to', async () => {
    const pieces = [new Uint8Array([1, 2]), new Uint8Array([3])]
    const blob = await readBlob(
      (async function* () {
        yield* await Promise.resolve(pieces)
      })(),
    )
    expect(blob.type).to.equal('application/octet-stream')
    expect(new Uint8Array(await blob.arrayBuffer())).to.deep.equal(new Uint8Array([1, 2, 3]))
  })

  it('has the default policy of the file; else run `npm run build:policy`', async () => {
    expect(defaultPolicy).to.deep.equal(await loadPolicy())
  })
})
