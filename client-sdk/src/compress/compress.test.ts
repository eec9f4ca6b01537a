import { createHash } from 'node:crypto'
import { constants, createZstdCompress, zstdCompressSync } from 'node:zlib'
import { buffer } from 'node:stream/consumers'

import { expect } from 'chai'
import fc from 'fast-check'
import { DEFAULT_CHUNK_BYTES } from '@orlop/crypto/format/header'
import { OrlopError } from '@orlop/protocol/errors'
import type { ErrorCode } from '@orlop/protocol/error-codes'

import type { Codec } from './codec.ts'
import { codecs } from './codecs.ts'
import { compressChunk, decompressChunk } from './compress-chunk.ts'
import { PROBED_BYTES, probeGain } from './probe-gain.ts'
import { storedCodec } from './stored-codec.ts'
import { zstdCodec as nodeZstd } from './zstd-codec.ts'
import { loadZstdCompressor, zstdCodec as portableZstd } from './zstd-codec-portable.ts'

/** Bytes that no codec can shorten, the same at every run. */
function noise(lengthBytes: number): Uint8Array {
  return createHash('shake256', { outputLength: lengthBytes }).update('noise').digest()
}

function text(lengthBytes: number): Uint8Array {
  return Buffer.alloc(lengthBytes, '$IIMWV,338,R,13.41,N,A*2C\r\n')
}

function codeOf(work: () => unknown): ErrorCode | 'no error' {
  try {
    work()
  } catch (error) {
    if (error instanceof OrlopError) return error.code
    throw error
  }
  return 'no error'
}

function codecSuite(name: string, codec: Codec): void {
  describe(`codec ${name}`, () => {
    it('restores any content', () => {
      fc.assert(
        fc.property(
          fc.uint8Array({ maxLength: 5000 }),
          fc.integer({ min: 1, max: 19 }),
          (plain, level) => {
            const restored = codec.decompress(codec.compress(plain, level), plain.length)
            expect(Buffer.compare(restored, plain)).to.equal(0)
          },
        ),
      )
    })

    it('refuses a body that holds more than is declared, and one that holds less', () => {
      const body = codec.compress(text(1000), 3)
      expect(codeOf(() => codec.decompress(body, 999))).to.equal('DECOMPRESSION_LIMIT')
      expect(codeOf(() => codec.decompress(body, 1001))).to.equal('OBJECT_DAMAGED')
    })

    it('refuses content where none is declared', () => {
      expect(codeOf(() => codec.decompress(codec.compress(text(1), 3), 0))).to.equal(
        'DECOMPRESSION_LIMIT',
      )
    })
  })
}

/** Two implementations for two platforms. */
const ZSTD = { 'zstd by Node': nodeZstd, 'zstd without Node': portableZstd }

before(async () => {
  expect(await loadZstdCompressor()).to.equal(true)
})

for (const [name, codec] of Object.entries({ stored: storedCodec, ...ZSTD })) {
  codecSuite(name, codec)
}

for (const [name, zstd] of Object.entries(ZSTD)) strangersSuite(name, zstd)

function strangersSuite(name: string, zstd: Codec): void {
  describe(`${name}, from others`, () => {
    it('refuses a bomb of 1 GiB in 33 KB without unpacking it', () => {
      const bomb = zstdCompressSync(Buffer.alloc(1024 ** 3))
      expect(bomb.length).to.be.below(40_000)
      const before = process.memoryUsage().arrayBuffers
      expect(codeOf(() => zstd.decompress(bomb, DEFAULT_CHUNK_BYTES))).to.equal(
        'DECOMPRESSION_LIMIT',
      )
      expect(process.memoryUsage().arrayBuffers - before).to.be.below(4 * DEFAULT_CHUNK_BYTES)
    })

    it('refuses a frame that asks for a window beyond 8 MiB', async () => {
      const stream = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } })
      stream.end(text(1000))
      const body = await buffer(stream)
      expect(codeOf(() => zstd.decompress(body, 1000))).to.equal('DECOMPRESSION_LIMIT')
    })

    it('refuses what is no zstd, nothing, and a frame that is cut', () => {
      expect(codeOf(() => zstd.decompress(noise(100), 1000))).to.equal('OBJECT_DAMAGED')
      expect(codeOf(() => zstd.decompress(new Uint8Array(0), 10))).to.equal('OBJECT_DAMAGED')
      const body = zstd.compress(text(1000), 3)
      expect(codeOf(() => zstd.decompress(body.subarray(0, -3), 1000))).to.equal('OBJECT_DAMAGED')
    })
  })
}

describe('zstd of Node and without Node', () => {
  const contents = [
    noise(500),
    text(1),
    text(500),
    text(300_000),
    Buffer.concat([noise(200_000), text(200_000)]),
  ]

  it('read what the other wrote, at every level', () => {
    for (const plain of contents) {
      for (let level = 1; level <= 19; level += 3) {
        for (const [writer, reader] of [
          [nodeZstd, portableZstd],
          [portableZstd, nodeZstd],
        ] as const) {
          const restored = reader.decompress(writer.compress(plain, level), plain.length)
          expect(Buffer.compare(restored, plain)).to.equal(0)
        }
      }
    }
  })

  it('without Node refuses a second frame, which could ask for any window', () => {
    const one = portableZstd.compress(text(500), 3)
    const two = Buffer.concat([one, one])
    expect(codeOf(() => portableZstd.decompress(two, 1000))).to.equal('OBJECT_DAMAGED')
  })

  it('without Node reads frames with checksum, without content size, and of runs', async () => {
    const stream = createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    stream.end(text(50_000))
    const restored = portableZstd.decompress(await buffer(stream), 50_000)
    expect(Buffer.compare(restored, text(50_000))).to.equal(0)
    const run = Buffer.alloc(300_000, 7)
    const body = zstdCompressSync(run)
    expect(Buffer.compare(portableZstd.decompress(body, run.length), run)).to.equal(0)
  })
})

describe('compressing a chunk', () => {
  const zstd = { codec: 'zstd', level: 3 } as const

  it('compresses text and stores noise, whatever its size', () => {
    for (const lengthBytes of [200, PROBED_BYTES, PROBED_BYTES + 1, 1_000_000]) {
      expect(compressChunk(text(lengthBytes), zstd, codecs).codec).to.equal('zstd')
      expect(compressChunk(noise(lengthBytes), zstd, codecs).codec).to.equal('stored')
    }
  })

  it('stores what gains less than 5 %', () => {
    const mixed = Buffer.concat([noise(9_700), text(300)])
    expect(compressChunk(mixed, zstd, codecs).codec).to.equal('stored')
    const worthIt = Buffer.concat([noise(9_000), text(1_000)])
    expect(compressChunk(worthIt, zstd, codecs).codec).to.equal('zstd')
  })

  it('stores everything when the policy says so, without a copy', () => {
    const plain = text(1000)
    const chunk = compressChunk(plain, { codec: 'stored', level: 3 }, codecs)
    expect(chunk.codec).to.equal('stored')
    expect(chunk.body).to.equal(plain)
  })

  it('stores nothing and a single byte', () => {
    expect(compressChunk(new Uint8Array(0), zstd, codecs).codec).to.equal('stored')
    expect(compressChunk(Uint8Array.of(7), zstd, codecs).codec).to.equal('stored')
  })

  it('sees text at the end of noise, by samples spread over the content', () => {
    const mixed = Buffer.concat([noise(700_000), text(300_000)])
    expect(probeGain(mixed, codecs.zstd)).to.be.within(0.2, 0.55)
  })

  it('restores what it compressed', () => {
    const plain = text(100_000)
    const chunk = compressChunk(plain, zstd, codecs)
    expect(Buffer.compare(decompressChunk(chunk, plain.length, codecs), plain)).to.equal(0)
  })
})
