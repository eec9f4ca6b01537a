import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Centre, composeCentre } from '../centre.ts'
import { destroyKey, getDestruction } from '../keys/destroy-key.ts'
import { Keys } from '../keys/keys.ts'
import { Releases } from '../keys/releases.ts'
import { storeRootRecord } from '../root/root-record.ts'
import { Seal } from '../root/seal.ts'
import type { KeyStore } from '../store/key-store.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import {
  codeOf,
  openTestCentre,
  policyFor,
  type TestCentre,
  TestRequester,
} from '../testkit/test-centre.ts'
import { openBackup } from './backup-file.ts'
import type { BackupShelf } from './backup-shelf.ts'
import { Backups } from './backups.ts'
import { FolderBackupShelf } from './folder-backup-shelf.ts'
import { MemoryBackupShelf } from './memory-backup-shelf.ts'
import { restoreBackup } from './restore-backup.ts'

const [ONE, TWO] = ['one', 'two'].map((keyId) => ({ appId: 'voyage', keyId }))
const ABANDONED_MS = 3 * 60_000

describe('a destroyed key is in no remaining backup', () => {
  let centre: TestCentre
  let other: Centre
  let shelf: MemoryBackupShelf
  const bridge = new TestRequester('bridge')

  beforeEach(async () => {
    centre = await openTestCentre()
    other = await unsealed(centre.store)
    shelf = new MemoryBackupShelf()
    await centre.applications.create('anna', 'voyage', policyFor([bridge]))
    for (const key of [ONE!, TWO!]) {
      await centre.keys.generate('anna', { ...key, algorithm: 'aes-256-gcm' })
      await centre.keys.activate('anna', key)
    }
  })

  /** A replica of the centre, or the same centre over another store. */
  async function unsealed(store: KeyStore): Promise<Centre> {
    const seal = new Seal(centre.record)
    for (const share of centre.shares.slice(1)) await seal.submit(share)
    const { random, clock } = centre
    return composeCentre({ store, seal, random, clock })
  }

  async function restored(backup: Uint8Array, onto: BackupShelf, destructions = NONE) {
    const store = new MemoryKeyStore()
    await storeRootRecord(store, centre.record)
    const fresh = await unsealed(store)
    await restoreBackup({ centre: fresh, shelf: onto, backup, destructions, actor: 'anna' })
    return fresh
  }

  const read = async (from: BackupShelf, backupId: string) =>
    (await from.get(backupId)) ?? expect.fail('the backup is gone')

  /** The keys whose bytes are in a backup. */
  const keysIn = (backup: Uint8Array) =>
    openBackup(centre.seal.keys.backupKey, backup)
      .rows.map(({ place }) => /^material\/voyage\/(\w+)/.exec(place)?.[1])
      .filter((keyId) => keyId !== undefined)

  const revokeBoth = async () => {
    for (const key of [ONE!, TWO!]) await centre.keys.revoke('anna', key)
  }

  it('also when two replicas destroy one each at the same moment', async () => {
    await revokeBoth()
    const backupId = await new Backups(centre, shelf).create('anna')
    const works = [
      { centre, backups: new Backups(centre, shelf), actor: 'anna', key: ONE! },
      { centre: other, backups: new Backups(other, shelf), actor: 'bert', key: TWO! },
    ]
    const ends = await Promise.all(works.map((work) => codeOf(destroyKey(work))))
    for (const [at, code] of ends.entries()) {
      if (code === null) continue
      expect(code).to.equal('CONFLICT')
      await destroyKey(works[at]!)
    }
    expect(keysIn(await read(shelf, backupId))).to.deep.equal([])
  })

  it('also when a replica comes back that stood still while another took its work over', async () => {
    await revokeBoth()
    const backupId = await new Backups(centre, shelf).create('anna')
    const [reached, gate] = [Promise.withResolvers<null>(), Promise.withResolvers<null>()]
    const still: BackupShelf = {
      put: async (...args) => {
        reached.resolve(null)
        await gate.promise
        await shelf.put(...args)
      },
      get: (name) => shelf.get(name),
      list: () => shelf.list(),
      remove: (name) => shelf.remove(name),
      removeUnfinished: () => shelf.removeUnfinished(),
    }
    const first = { centre, backups: new Backups(centre, still), actor: 'anna', key: ONE! }
    const second = { centre: other, backups: new Backups(other, shelf), actor: 'bert', key: TWO! }
    const standing = codeOf(destroyKey(first))
    await reached.promise
    expect(await codeOf(destroyKey(second))).to.equal('CONFLICT')
    centre.time.monotonicMs += ABANDONED_MS
    expect(await codeOf(destroyKey(second))).to.equal(null)
    gate.resolve(null)
    expect(await standing).to.equal('BACKUP_UNREACHABLE')
    expect(keysIn(await read(shelf, backupId))).to.deep.equal(['one'])
    await destroyKey(first)
    expect(keysIn(await read(shelf, backupId))).to.deep.equal([])
  })

  it('of those before a restoration neither, and the one that was restored is among them', async () => {
    const backups = new Backups(centre, shelf)
    const before = await backups.create('anna')
    const last = await backups.create('anna')
    const newShelf = new MemoryBackupShelf()
    const fresh = await restored(await read(shelf, last), newShelf)
    await new Keys(fresh).revoke('anna', ONE!)
    const work = { centre: fresh, backups: new Backups(fresh, newShelf), actor: 'anna', key: ONE! }
    const error: unknown = await destroyKey(work).catch((reason: unknown) => reason)
    expect(error).to.deep.include({ code: 'BACKUP_UNREACHABLE', details: { backups: before } })
    expect(await getDestruction(fresh, ONE!)).to.equal(null)
    await newShelf.put(before, await read(shelf, before), () => {})
    const destruction = await destroyKey(work)
    for (const backupId of [before, last]) {
      expect(keysIn(await read(newShelf, backupId))).to.deep.equal(['two'])
    }
    const old = await read(shelf, last)
    expect(await codeOf(restored(old, newShelf))).to.equal('BACKUP_OUTDATED')
    const later = await work.backups.create('anna')
    const third = await restored(await read(newShelf, later), newShelf)
    expect(await getDestruction(third, ONE!)).to.deep.equal(destruction)
  })

  it('is not on the shelf of a centre that was restored with the statement', async () => {
    const backups = new Backups(centre, shelf)
    const backupId = await backups.create('anna')
    const copy = await read(shelf, backupId)
    await centre.keys.revoke('anna', ONE!)
    const destruction = await destroyKey({ centre, backups, actor: 'anna', key: ONE! })
    const newShelf = new MemoryBackupShelf()
    const fresh = await restored(copy, newShelf, [destruction])
    expect(keysIn(await read(newShelf, backupId))).to.deep.equal(['two'])
    expect(await getDestruction(fresh, ONE!)).to.deep.equal(destruction)
    const release = new Releases(fresh).release(
      centre.sign(bridge, centre.ask(bridge, { keyId: 'two' })),
    )
    expect(await codeOf(release)).to.equal(null)
  })

  it('is made of one moment while other replicas change rows without pause', async () => {
    const rows = Array.from({ length: 130 }, (_, at) => `app/row-${at}`)
    for (let at = 0; at < rows.length; at += 26) {
      await centre.rows.update((draft) => {
        for (const place of rows.slice(at, at + 26)) draft.put(place, new Uint8Array(8))
        return Promise.resolve()
      })
    }
    let changes = 0
    const { store } = centre
    const snapshot = store.snapshot.bind(store)
    const getMany = store.getMany.bind(store)
    /** Another replica changes two rows before each page that is read. */
    const overtaken =
      (reading: KeyStore['getMany']): KeyStore['getMany'] =>
      async (keys) => {
        if (keys.length > 40) {
          store.getMany = getMany
          await other.rows.update((draft) => {
            const value = Uint8Array.of(++changes)
            for (const place of [rows[0]!, rows[129]!]) draft.put(place, value)
            return Promise.resolve()
          })
          store.getMany = overtaken(getMany)
        }
        return reading(keys)
      }
    store.getMany = overtaken(getMany)
    store.snapshot = async () => {
      const moment = await snapshot()
      return { ...moment, getMany: overtaken((keys) => moment.getMany(keys)) }
    }
    const backupId = await new Backups(centre, shelf).create('anna')
    store.getMany = getMany
    expect(changes).to.be.above(2)
    const content = openBackup(centre.seal.keys.backupKey, await read(shelf, backupId))
    const values = new Map(content.rows.map(({ place, value }) => [place, value]))
    expect(rows.filter((place) => !values.has(place))).to.deep.equal([])
    expect(values.get(rows[0]!)).to.deep.equal(values.get(rows[129]!))
  })

  describe('in a folder', () => {
    let folder: string
    let lying: FolderBackupShelf

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'orlop-kmc-shelf-'))
      lying = await FolderBackupShelf.open(folder)
    })
    afterEach(() => rm(folder, { recursive: true }))

    const partOf = (name: string) => join(folder, `${name}.${'0'.repeat(16)}.part`)

    it('also when a writer was killed just before it named its backup', async () => {
      const killed = Promise.withResolvers<string>()
      const dying: BackupShelf = {
        put: async (name, bytes) => {
          await writeFile(partOf(name), bytes)
          killed.resolve(name)
          await new Promise(() => {})
        },
        get: (name) => lying.get(name),
        list: () => lying.list(),
        remove: (name) => lying.remove(name),
        removeUnfinished: (name) => lying.removeUnfinished(name),
      }
      void new Backups(other, dying).create('bert')
      const backupId = await killed.promise
      await centre.keys.revoke('anna', ONE!)
      const backups = new Backups(centre, lying)
      const work = { centre, backups, actor: 'anna', key: ONE! }
      expect(await codeOf(destroyKey(work))).to.equal('CONFLICT')
      centre.time.monotonicMs += ABANDONED_MS
      const error: unknown = await destroyKey(work).catch((reason: unknown) => reason)
      expect(error).to.deep.include({ code: 'BACKUP_UNREACHABLE', details: { backups: backupId } })
      await backups.forget('anna', backupId)
      await destroyKey(work)
      expect(await readdir(folder)).to.deep.equal([])
    })

    it('nor what was left by one that could not write, or was killed long ago', async () => {
      const [full, old, now] = ['1', '2', '3'].map((digit) => digit.repeat(32))
      const put = lying.put(full!, new Uint8Array(9), () => {
        throw new Error('too late')
      })
      expect(await put.catch((error: unknown) => error)).to.have.property('message', 'too late')
      expect(await readdir(folder)).to.deep.equal([])
      for (const name of [old!, now!]) await writeFile(partOf(name), 'rest')
      const past = (Date.now() - 2 * 60 * 60 * 1000) / 1000
      await utimes(partOf(old!), past, past)
      await FolderBackupShelf.open(folder)
      expect((await readdir(folder)).map((file) => file.slice(0, 32))).to.deep.equal([now])
      await lying.put(now!, new Uint8Array(9), () => {})
      expect(await readdir(folder)).to.deep.equal([`${now}.kmc-backup`])
    })
  })
})

const NONE: NonNullable<Awaited<ReturnType<typeof getDestruction>>>[] = []
