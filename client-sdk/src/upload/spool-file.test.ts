import { appendFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { SpoolFile } from './spool-file.ts'

use(chaiAsPromised)

describe('spool file', () => {
  const folders = new TemporaryFolders()
  after(() => folders.removeAll())

  const newPath = async () => join(await folders.make(), 'x.sealed')

  it('lets a reader wait for the writer, and shows the end when there is one', async () => {
    const spool = await SpoolFile.create(await newPath())
    const first = spool.read(0, 10)
    await spool.append(Uint8Array.of(1, 2, 3))
    expect(await first).to.deep.equal(Uint8Array.of(1, 2, 3))
    const atEnd = spool.read(3, 10)
    await spool.complete()
    expect(await atEnd).to.equal(null)
    expect(await spool.read(1, 1)).to.deep.equal(Uint8Array.of(2))
    await spool.close()
  })

  it('lets a waiting reader fail with the writer, or stop with its signal', async () => {
    const spool = await SpoolFile.create(await newPath())
    const stop = new AbortController()
    const stopped = spool.read(0, 1, stop.signal)
    stop.abort(new Error('enough'))
    await expect(stopped).to.be.rejectedWith('enough')
    const failed = spool.read(0, 1)
    spool.fail(new Error('no more'))
    await expect(failed).to.be.rejectedWith('no more')
    await spool.close()
  })

  it('is taken up again only with exactly the length that was sealed', async () => {
    const path = await newPath()
    const spool = await SpoolFile.create(path)
    await spool.append(new Uint8Array(100))
    await spool.complete()
    await spool.close()
    const again = await SpoolFile.openComplete(path, 100)
    expect(again?.isComplete).to.equal(true)
    await again?.close()
    await truncate(path, 99)
    expect(await SpoolFile.openComplete(path, 100)).to.equal(null)
    await appendFile(path, 'xx')
    expect(await SpoolFile.openComplete(path, 100)).to.equal(null)
    expect(await SpoolFile.openComplete(`${path}.none`, 100)).to.equal(null)
  })
})
