import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'

import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { readSubject } from './read-subject.ts'
import { HEAD_BYTES } from './subject.ts'

use(chaiAsPromised)

describe('readSubject', () => {
  const folders = new TemporaryFolders()
  after(() => folders.removeAll())

  it('reads no more than the head of a large file', async () => {
    const folder = await folders.make()
    const path = join(folder, '航行计划 №1.bin')
    await writeFile(path, new Uint8Array(3 * HEAD_BYTES).fill(7))
    const subject = await readSubject(path)
    expect(subject.head.length).to.equal(HEAD_BYTES)
    expect(subject).to.include({ name: '航行计划 №1.bin', folder, sizeBytes: 3 * HEAD_BYTES })
  })

  it('reads all of a small file, and of an empty one', async () => {
    const folder = await folders.make()
    await writeFile(join(folder, 'a'), 'abc')
    await writeFile(join(folder, 'b'), '')
    expect(Buffer.from((await readSubject(join(folder, 'a'))).head).toString()).to.equal('abc')
    expect(await readSubject(join(folder, 'b'))).to.deep.include({ sizeBytes: 0 })
  })

  it('says what is wrong with what is missing and with what is no file', async () => {
    const path = join(await folders.make(), 'x')
    await mkdir(`${path}.d`)
    for (const wrong of [`${path}.none`, `${path}.d`]) {
      await expect(readSubject(wrong))
        .to.be.rejectedWith(wrong)
        .and.eventually.include({ code: 'USAGE' })
    }
  })
})
