import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { MemoryBackupShelf } from '../backups/memory-backup-shelf.ts'
import { KmcError } from '../kmc-error.ts'
import { createRoot } from '../root/create-root.ts'
import { loadRootRecord, storeRootRecord } from '../root/root-record.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import { codeOf } from '../testkit/test-centre.ts'
import { KmcHome } from './kmc-home.ts'
import { prepareRoot, shareFile } from './prepare-root.ts'

describe('the root of a new centre', () => {
  let folder: string
  let home: KmcHome
  let store: MemoryKeyStore
  let shelf: MemoryBackupShelf

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'okmc-'))
    home = new KmcHome(join(folder, 'kmc'))
    store = new MemoryKeyStore()
    shelf = new MemoryBackupShelf()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const generate = (lengthBytes: number) => Promise.resolve(randomBytes(lengthBytes))
  const split = { threshold: 2, shares: 3, generate }
  const prepare = () => prepareRoot({ ...split, store, home, shelf, writesShares: true })
  const hasShares = () => readdir(home.custodians).catch(() => [])
  const lost = new KmcError('STORE_OUTCOME_UNKNOWN', 'the answer was lost')

  it('is made once, with a share for each custodian', async () => {
    const { record, shares } = await prepare()
    expect(shares).to.have.length(3)
    expect(await hasShares()).to.deep.equal(['1', '2', '3'])
    expect(await prepare()).to.deep.equal({ record, shares: [] })
  })

  it('is not made over what is left of a centre whose store is gone', async () => {
    const marks = [
      async () => {
        await mkdir(dirname(shareFile(home, 1)), { recursive: true })
        await writeFile(shareFile(home, 1), 'share')
      },
      async () => {
        await mkdir(home.path, { recursive: true })
        await writeFile(home.authority, 'certificate')
      },
      () => {
        shelf.list = () => Promise.resolve(['0'.repeat(32)])
        return Promise.resolve()
      },
    ]
    for (const mark of marks) {
      await mark()
      expect(await codeOf(prepare())).to.equal('ALREADY_EXISTS')
      expect(await loadRootRecord(store)).to.equal(null)
      await rm(home.path, { recursive: true, force: true })
    }
  })

  it('keeps its shares when the answer is lost and the record was stored', async () => {
    const transact = store.transact.bind(store)
    store.transact = async (transaction) => {
      await transact(transaction)
      throw lost
    }
    const { record, shares } = await prepare()
    expect(shares).to.have.length(3)
    const stored = await loadRootRecord(store)
    expect(encodeHex(stored!.set.setId)).to.equal(encodeHex(record.set.setId))
    expect(await hasShares()).to.deep.equal(['1', '2', '3'])
  })

  it('keeps its shares when nobody can say whether the record was stored', async () => {
    store.transact = () => Promise.reject(lost)
    expect(await codeOf(prepare())).to.equal('STORE_OUTCOME_UNKNOWN')
    expect(await hasShares()).to.deep.equal(['1', '2', '3'])
  })

  it('leaves no shares behind when another replica was faster', async () => {
    const transact = store.transact.bind(store)
    const other = await createRoot(split)
    store.transact = async (transaction) => {
      store.transact = transact
      await storeRootRecord(store, other.record)
      return transact(transaction)
    }
    expect(await codeOf(prepare())).to.equal('ROOT_EXISTS')
    expect(await hasShares()).to.deep.equal([])
  })
})
