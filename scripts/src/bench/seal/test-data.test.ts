import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { classify } from '@orlop/client-sdk/classify/classify'
import { readSubject } from '@orlop/client-sdk/classify/read-subject'
import { writeBitmap, writeNmeaLog, writeRandom } from './test-data.ts'

const LENGTH_BYTES = 1_000_003

describe('bench test data', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-bench-test-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const contents = [
    {
      name: 'random.bin',
      write: writeRandom,
      dataClass: 'data',
      share: { least: 0.99, most: 1.01 },
    },
    {
      name: 'voyage.nmea',
      write: writeNmeaLog,
      dataClass: 'nmea-log',
      share: { least: 0.05, most: 0.5 },
    },
    {
      name: 'raster.bmp',
      write: writeBitmap,
      dataClass: 'image',
      share: { least: 0.1, most: 0.8 },
    },
  ]

  for (const { name, write, dataClass, share } of contents) {
    it(`is ${dataClass} that shrinks as such data do: ${name}`, async () => {
      const path = join(folder, name)
      await write(path, LENGTH_BYTES)
      expect((await stat(path)).size).to.equal(LENGTH_BYTES)
      expect((await classify(await readSubject(path))).dataClass).to.equal(dataClass)
      const shrunk = zstdCompressSync(await readFile(path)).length / LENGTH_BYTES
      expect(shrunk).to.be.within(share.least, share.most)
    })
  }

  it('keeps every checksum of the NMEA log right', async () => {
    const path = join(folder, 'voyage.nmea')
    await writeNmeaLog(path, 200_000)
    const sentences = (await readFile(path, 'latin1')).split(/\r?\n/).slice(0, -1)
    const wrong = sentences.filter((sentence) => {
      const [, body = '', sum] = /[$!](.*)\*([0-9A-F]{2})$/.exec(sentence) ?? []
      const computed = Buffer.from(body, 'latin1').reduce((xor, byte) => xor ^ byte, 0)
      return sum !== undefined && computed !== Number.parseInt(sum, 16)
    })
    expect(sentences).to.have.length.above(2_000)
    expect(wrong).to.have.length(0)
  })
})
