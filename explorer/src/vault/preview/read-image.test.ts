import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type PreviewSource, readHead } from './preview-source.ts'
import { memorySource } from './memory-source.fixture.ts'
import { readImage } from './read-image.ts'

const PHOTO = new URL('../../../../samples/voyage/quay-photo.jpg', import.meta.url)
const { signal } = new AbortController()

async function read(source: PreviewSource, mediaType: 'image/jpeg' | 'image/png' = 'image/png') {
  return readImage(await readHead(source, signal), mediaType, { signal })
}

/** The beginning of a PNG that claims a size. */
function pngOf(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(
    '89504e470d0a1a0a0000000d494844520000000000000000080600000000000000',
    'hex',
  )
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

describe('readImage', () => {
  it('reads a photograph whole, with the type that was determined', async () => {
    const bytes = new Uint8Array(await readFile(PHOTO))
    const image = await read(memorySource(bytes), 'image/jpeg')
    if (image.kind !== 'image') throw new Error(image.kind)
    expect(image.size).to.deep.equal({ width: 1278, height: 720 })
    expect(image.blob.type).to.equal('image/jpeg')
    expect(new Uint8Array(await image.blob.arrayBuffer())).to.deep.equal(bytes)
  })

  it('does not read an image that claims more than a page can decode', async () => {
    const source = memorySource(pngOf(65_535, 65_535), { claimedBytes: 30_000_000 })
    expect(await read(source)).to.deep.equal({
      kind: 'too-large',
      size: { width: 65_535, height: 65_535 },
    })
    expect(source.ranges).to.have.length(1)
  })

  it('finds the size behind a long colour profile', async () => {
    const photo = new Uint8Array(await readFile(PHOTO))
    const segment = new Uint8Array(65_537)
    segment.set([0xff, 0xe2, 0xff, 0xff])
    const parts = [
      photo.subarray(0, 2),
      ...Array.from({ length: 6 }, () => segment),
      photo.subarray(2),
    ]
    const image = await read(memorySource(Buffer.concat(parts)), 'image/jpeg')
    expect(image).to.deep.include({ kind: 'image', size: { width: 1278, height: 720 } })
  })

  for (const [what, bytes] of [
    ['an image without pixels', pngOf(0, 5)],
    ['an image that is cut in its header', pngOf(5, 5).subarray(0, 12)],
  ] as const) {
    it(`says that ${what} is damaged`, async () => {
      expect(await read(memorySource(bytes))).to.deep.equal({ kind: 'damaged' })
    })
  }

  it('gives nothing of an image whose reading fails', async () => {
    const source = memorySource(pngOf(5, 5), { claimedBytes: 1_000_000 })
    let error: unknown = null
    await read(source).catch((thrown: unknown) => (error = thrown))
    expect(error).to.be.an('error')
  })
})
