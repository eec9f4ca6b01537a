import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import fc from 'fast-check'
import { encodeHex } from '@orlop/crypto/bytes'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { createFileKeyring } from './create-file-keyring.ts'
import { FileKeyring } from './file-keyring.ts'
import { addressOfSecretKey } from './key-set.ts'
import { keyringConformance } from './keyring.conformance.ts'
import { MemoryKeyring } from './memory-keyring.ts'
import { formatRecoveryKey, parseRecoveryKey } from './recovery-key.ts'

use(chaiAsPromised)

// The least that is accepted: these tests are about the file, not about the cost.
const CHEAP = { logN: 10, r: 8, p: 1 }
const folders = new TemporaryFolders()

after(() => folders.removeAll())

keyringConformance('memory', () => {
  const seeds = [new Uint8Array(32).fill(7)]
  const make = () => new MemoryKeyring(seeds, `0x${'1'.repeat(40)}`)
  return Promise.resolve({ keyring: make(), reopen: () => Promise.resolve(make()) })
})

keyringConformance('file', async () => {
  const options = await fileOptions()
  const { keyring } = await FileKeyring.create(options)
  return { keyring, reopen: () => FileKeyring.open(options) }
})

describe('keyring file', () => {
  it('is readable by its owner only and leaves no other file behind', async () => {
    const options = await fileOptions()
    await FileKeyring.create(options)
    expect((await stat(options.file)).mode & 0o777).to.equal(0o600)
    expect(await readdir(join(options.file, '..'))).to.deep.equal(['keyring.json'])
  })

  it('holds no secret key in the clear', async () => {
    const options = await fileOptions()
    const { keyring } = await FileKeyring.create(options)
    const text = await readFile(options.file, 'utf8')
    for (const { ledgerSecretKey, openingSecretKey } of keyring.keySets) {
      expect(text).to.not.contain(encodeHex(ledgerSecretKey))
      expect(text).to.not.contain(encodeHex(openingSecretKey))
    }
  })

  it('stays locked for a wrong passphrase', async () => {
    const options = await fileOptions()
    await FileKeyring.create(options)
    const opening = FileKeyring.open({ ...options, passphrase: 'another' })
    await expect(opening).to.be.rejected.and.eventually.include({ code: 'KEYRING_LOCKED' })
  })

  it('is called damaged, not locked, after any change of a byte', async () => {
    const options = await fileOptions()
    await FileKeyring.create(options)
    const original = await readFile(options.file)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: original.length - 2 }), async (position) => {
        const changed = Buffer.from(original)
        const letter = String.fromCharCode(changed[position] ?? 0)
        changed[position] = (letter === '1' ? '2' : '1').charCodeAt(0)
        if (/\s/.test(letter)) changed[position] = '!'.charCodeAt(0)
        await writeFile(options.file, changed)
        const opening = FileKeyring.open(options)
        await expect(opening).to.be.rejected.and.eventually.include({ code: 'KEYRING_DAMAGED' })
      }),
      { numRuns: 60 },
    )
  })

  it('says so when there is none, and never overwrites one', async () => {
    const options = await fileOptions()
    const opening = FileKeyring.open(options)
    await expect(opening).to.be.rejected.and.eventually.include({ code: 'KEYRING_NOT_FOUND' })
    await FileKeyring.create(options)
    const again = FileKeyring.create(options)
    await expect(again).to.be.rejected.and.eventually.include({ code: 'ALREADY_EXISTS' })
  })
})

describe('keyring file with a recovery file', () => {
  it('leaves the recovery key that belongs to it, for its owner only', async () => {
    const options = await recoverableOptions()
    const keyring = await createFileKeyring(options)
    const text = await readFile(options.recoveryFile, 'utf8')
    expect(addressOfSecretKey(parseRecoveryKey(text))).to.equal(keyring.recoveryAddress)
    expect((await stat(options.recoveryFile)).mode & 0o777).to.equal(0o600)
    const reopened = await FileKeyring.open(options)
    expect(reopened.recoveryAddress).to.equal(keyring.recoveryAddress)
  })

  it('makes no keyring when its recovery key cannot be written', async () => {
    const options = await recoverableOptions()
    const folder = join(options.file, '..')
    await writeFile(join(folder, 'taken'), 'a file where a folder should be')
    const recoveryFile = join(folder, 'taken', 'recovery.key')
    await expect(createFileKeyring({ ...options, recoveryFile })).to.be.rejected
    expect(await readdir(folder)).to.deep.equal(['taken'])
  })

  it('can be made again after the keyring could not be written', async () => {
    const options = await recoverableOptions()
    const folder = join(options.file, '..')
    await writeFile(join(folder, 'taken'), 'a file where a folder should be')
    const file = join(folder, 'taken', 'keyring.json')
    await expect(createFileKeyring({ ...options, file })).to.be.rejected
    expect(await readdir(folder)).to.deep.equal(['taken'])
    await createFileKeyring(options)
  })

  it('never overwrites a recovery key, nor makes a second keyring for it', async () => {
    const options = await recoverableOptions()
    await createFileKeyring(options)
    const recoveryKey = await readFile(options.recoveryFile, 'utf8')
    for (const isKeyringLost of [false, true]) {
      if (isKeyringLost) await rm(options.file)
      const again = createFileKeyring(options)
      await expect(again).to.be.rejected.and.eventually.include({ code: 'ALREADY_EXISTS' })
      expect(await readFile(options.recoveryFile, 'utf8')).to.equal(recoveryKey)
    }
    expect(await readdir(join(options.file, '..'))).to.deep.equal(['recovery.key'])
  })
})

describe('keyring file made by several at the same time', () => {
  const ATTEMPTS = 6

  async function raced(attempts: readonly Promise<FileKeyring>[]): Promise<FileKeyring> {
    const results = await Promise.allSettled(attempts)
    const made = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const codes = results.flatMap((one) =>
      one.status === 'rejected' ? [(one.reason as { code?: unknown }).code] : [],
    )
    expect(codes).to.deep.equal(new Array(ATTEMPTS - 1).fill('ALREADY_EXISTS'))
    return made[0]!
  }

  it('is made once, with the recovery key that belongs to it; the others are refused', async () => {
    const options = await recoverableOptions()
    const made = await raced(Array.from({ length: ATTEMPTS }, () => createFileKeyring(options)))
    const text = await readFile(options.recoveryFile, 'utf8')
    expect(addressOfSecretKey(parseRecoveryKey(text))).to.equal(made.recoveryAddress)
    const reopened = await FileKeyring.open(options)
    expect(reopened.recoveryAddress).to.equal(made.recoveryAddress)
    expect((await readdir(join(options.file, '..'))).sort()).to.deep.equal([
      'keyring.json',
      'recovery.key',
    ])
  })

  it('is made once where no recovery file is asked for', async () => {
    const options = await fileOptions()
    const create = async () => (await FileKeyring.create(options)).keyring
    const made = await raced(Array.from({ length: ATTEMPTS }, create))
    const reopened = await FileKeyring.open(options)
    expect(reopened.keySets[0]?.address).to.equal(made.keySets[0]?.address)
  })
})

describe('recovery key on paper', () => {
  it('comes back as it was written, in any case and with spaces', () => {
    const { recoverySecretKey } = MemoryKeyring.create()
    const text = formatRecoveryKey(recoverySecretKey)
    const spaced = text.toUpperCase().replaceAll(/(.{8})/g, '$1 ')
    expect(parseRecoveryKey(spaced)).to.deep.equal(recoverySecretKey)
  })

  it('is refused after any change of a letter, and never repeated in the message', () => {
    const text = formatRecoveryKey(new Uint8Array(32).fill(3))
    for (let position = 15; position < text.length; position++) {
      const letter = text[position] === 'a' ? 'b' : 'a'
      const wrong = text.slice(0, position) + letter + text.slice(position + 1)
      expect(() => parseRecoveryKey(wrong))
        .to.throw()
        .with.property('message')
        .that.does.not.contain(wrong.slice(15))
    }
  })
})

async function fileOptions() {
  const file = join(await folders.make(), 'keyring.json')
  return { file, passphrase: 'a passphrase — längere', cost: CHEAP }
}

async function recoverableOptions() {
  const options = await fileOptions()
  return { ...options, recoveryFile: join(options.file, '..', 'recovery.key') }
}
