import { appendFile, mkdir, rename, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import fc from 'fast-check'

import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import type { ByteSource } from './byte-source.ts'
import { openFileSource } from './file-source.ts'
import { streamSource } from './stream-source.ts'

use(chaiAsPromised)

async function readAll(source: ByteSource, stepBytes = 1000): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for (;;) {
    const target = new Uint8Array(stepBytes)
    const length = await source.read(target)
    parts.push(target.subarray(0, length))
    if (length < stepBytes) return Buffer.concat(parts)
  }
}

describe('file source', () => {
  const folders = new TemporaryFolders()
  let path: string

  beforeEach(async () => {
    path = join(await folders.make(), 'log.txt')
    await writeFile(path, 'x'.repeat(2500))
  })
  after(() => folders.removeAll())

  it('reads a file from start to end', async () => {
    const source = await openFileSource(path)
    expect(source.sizeBytes).to.equal(2500)
    expect((await readAll(source)).toString()).to.equal('x'.repeat(2500))
    await source.verify()
    await source.close()
  })

  const CHANGES: Record<string, () => Promise<void>> = {
    grew: () => appendFile(path, 'y'),
    'became shorter': () => writeFile(path, 'x'),
    'was written to without a change of size': async () => {
      await writeFile(path, 'y'.repeat(2500))
      await utimes(path, new Date(), new Date(Date.now() + 5_000))
    },
    'was replaced': async () => {
      await writeFile(`${path}.new`, 'x'.repeat(2500))
      await rename(`${path}.new`, path)
    },
    'was moved away': () => rename(path, `${path}.old`),
  }
  for (const [what, change] of Object.entries(CHANGES)) {
    it(`notices a file that ${what} while it was read`, async () => {
      const source = await openFileSource(path)
      await source.read(new Uint8Array(1000))
      await change()
      await readAll(source)
      await expect(source.verify()).to.be.rejectedWith(path).and.eventually.include({
        code: 'FILE_CHANGED',
      })
      await source.close()
    })
  }

  it('notices that it was not read to its end', async () => {
    const source = await openFileSource(path)
    await source.read(new Uint8Array(1000))
    await expect(source.verify()).to.be.rejected.and.eventually.include({ code: 'FILE_CHANGED' })
    await source.close()
  })

  it('refuses what is missing and what is no file', async () => {
    await mkdir(`${path}.d`)
    for (const wrong of [`${path}.none`, `${path}.d`]) {
      await expect(openFileSource(wrong)).to.be.rejectedWith(wrong).and.eventually.include({
        code: 'USAGE',
      })
    }
  })
})

describe('stream source', () => {
  it('gives the same bytes whatever the pieces and the steps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 60 }),
        async (pieces, stepBytes) => {
          const bytes = await readAll(streamSource(pieces), stepBytes)
          expect(Buffer.compare(bytes, Buffer.concat(pieces))).to.equal(0)
        },
      ),
    )
  })

  it('notices a length other than announced', async () => {
    for (const announced of [2, 4]) {
      const source = streamSource([Uint8Array.of(1, 2, 3)], announced)
      await readAll(source)
      await expect(source.verify()).to.be.rejected.and.eventually.include({ code: 'FILE_CHANGED' })
    }
  })

  it('lets a stream that is given up clean up after itself, once', async () => {
    let cleaned = 0
    function* pieces() {
      try {
        for (;;) yield new Uint8Array(10)
      } finally {
        cleaned += 1
      }
    }
    const source = streamSource(pieces())
    await source.read(new Uint8Array(5))
    await source.close()
    await source.close()
    expect(cleaned).to.equal(1)
  })
})
