import { readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { x25519PublicKey } from '@orlop/crypto/x25519'

import { noise } from '../testkit/sealed-object.ts'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { InlineCrew } from './inline-crew.ts'
import { openFile } from './open-file.ts'
import { sealFile } from './seal-file.ts'

use(chaiAsPromised)

describe('sealed file', () => {
  const folders = new TemporaryFolders()
  const crew = new InlineCrew()
  const crews = { inline: crew, threads: crew }
  const secretKey = noise(32, 'secret key')
  let folder: string

  beforeEach(async () => {
    folder = await folders.make()
  })
  after(() => folders.removeAll())

  async function seal(plain: Uint8Array) {
    const inputPath = join(folder, 'plain')
    const outputPath = join(folder, 'sealed')
    await writeFile(inputPath, plain)
    await sealFile({
      inputPath,
      outputPath,
      recipientPublicKey: x25519PublicKey(secretKey),
      sign: () => new Uint8Array(64),
      level: 2,
      suite: 'aes-256-gcm',
      compression: { codec: 'zstd', level: 3 },
      crews,
    })
    return { inputPath: outputPath, outputPath: join(folder, 'opened'), secretKey, crews }
  }

  it('holds all that opening takes', async () => {
    for (const lengthBytes of [0, 100, 5_000_000]) {
      const plain = noise(lengthBytes)
      const request = await seal(plain)
      const manifest = await openFile(request)
      expect(manifest).to.include({ name: 'plain', plainBytes: lengthBytes })
      expect(Buffer.compare(await readFile(request.outputPath), plain)).to.equal(0)
    }
  })

  it('does not open with another key', async () => {
    const request = await seal(noise(100))
    const opening = openFile({ ...request, secretKey: noise(32, 'another key') })
    await expect(opening).to.be.rejected.and.eventually.include({ code: 'WRONG_KEY' })
  })

  it('does not open when it was cut anywhere', async () => {
    const request = await seal(noise(100))
    const { size } = await stat(request.inputPath)
    for (const left of [0, 3, 4, 50, size - 5, size - 1]) {
      await truncate(request.inputPath, left)
      await expect(openFile(request)).to.be.rejected.and.eventually.include({
        code: 'OBJECT_DAMAGED',
      })
      await seal(noise(100))
    }
  })
})
