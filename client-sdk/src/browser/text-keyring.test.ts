import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { join } from 'node:path'
import { readFile, writeFile } from 'node:fs/promises'
import { FileKeyring } from '../keyring/file-keyring.ts'
import { addressOfSecretKey } from '../keyring/key-set.ts'
import { keyringConformance } from '../keyring/keyring.conformance.ts'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { TextKeyring } from './text-keyring.ts'

use(chaiAsPromised)

// The least that is accepted: these tests are not about the cost.
const cost = { logN: 10, r: 8, p: 1 }
const passphrase = 'ahoy'
const folders = new TemporaryFolders()

after(() => folders.removeAll())

/** Keeps the text as an application would. */
function keeper() {
  const kept = { text: '' }
  const save = (text: string) => {
    kept.text = text
    return Promise.resolve()
  }
  return { kept, options: { passphrase, cost, save } }
}

keyringConformance('text', async () => {
  const { kept, options } = keeper()
  const { keyring } = await TextKeyring.create(options)
  return { keyring, reopen: () => TextKeyring.open({ ...options, text: kept.text }) }
})

describe('keyring of a page', () => {
  it('opens the file that Node wrote, and writes one that Node opens', async () => {
    const file = join(await folders.make(), 'keyring.json')
    const { keyring: ofNode } = await FileKeyring.create({ file, passphrase, cost })
    const { options } = keeper()
    const text = await readFile(file, 'utf8')
    const ofPage = await TextKeyring.open({ ...options, text })
    expect(ofPage.keySets).to.deep.equal(ofNode.keySets)
    expect(ofPage.recoveryAddress).to.equal(ofNode.recoveryAddress)
    const { kept, options: written } = keeper()
    const { keyring: madeInPage } = await TextKeyring.create(written)
    const copy = join(await folders.make(), 'keyring.json')
    await writeFile(copy, kept.text)
    const opened = await FileKeyring.open({ file: copy, passphrase })
    expect(opened.keySets).to.deep.equal(madeInPage.keySets)
  })

  it('gives the recovery key that the ledger will know by its address', async () => {
    const { keyring, recoverySecretKey } = await TextKeyring.create(keeper().options)
    expect(keyring.recoveryAddress).to.equal(addressOfSecretKey(recoverySecretKey))
  })

  it('uses no new keys that could not be saved', async () => {
    const { keyring } = await TextKeyring.create(keeper().options)
    const { kept, options } = keeper()
    const { keyring: other } = await TextKeyring.create(options)
    const save = () => Promise.reject(new Error('the user cancelled'))
    const unsaved = await TextKeyring.open({ ...options, text: kept.text, save })
    await expect(unsaved.addKeySet()).to.be.rejectedWith('cancelled')
    expect(unsaved.keySets).to.deep.equal(other.keySets)
    expect(unsaved.keySets).to.not.deep.equal(keyring.keySets)
  })

  it('names what was opened when the passphrase is wrong or the text is none', async () => {
    const { kept, options } = keeper()
    await TextKeyring.create(options)
    const label = 'master.json'
    const wrong = TextKeyring.open({ ...options, text: kept.text, passphrase: 'other', label })
    await expect(wrong).to.be.rejectedWith(label).and.eventually.include({ code: 'KEYRING_LOCKED' })
    const none = TextKeyring.open({ ...options, text: '<html>', label })
    await expect(none).to.be.rejectedWith(label).and.eventually.include({ code: 'KEYRING_DAMAGED' })
  })
})
