import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { decodeCbor, encodeCbor, type CborValue } from '@orlop/crypto/format/cbor'
import { auditHead, readAudit } from '../audit/audit-log.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { type Centre, composeCentre } from '../centre.ts'
import { type Destruction, verifyDestruction } from '../keys/destruction.ts'
import { destroyKey, getDestruction } from '../keys/destroy-key.ts'
import { releaseDigest } from '@orlop/crypto/keys/release-request'
import { unwrapRelease } from '@orlop/crypto/keys/key-release'
import { Certificates } from '../certificates/certificates.ts'
import { newCertificateRequest } from '../client/certificate-request.ts'
import { Releases } from '../keys/releases.ts'
import { storeRootRecord } from '../root/root-record.ts'
import { Seal } from '../root/seal.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import {
  codeOf,
  openTestCentre,
  policyFor,
  type TestCentre,
  TestRequester,
} from '../testkit/test-centre.ts'
import { readBackupLabel } from './backup-file.ts'
import { Backups } from './backups.ts'
import { FolderBackupShelf } from './folder-backup-shelf.ts'
import { MemoryBackupShelf } from './memory-backup-shelf.ts'
import { restoreBackup } from './restore-backup.ts'

const LOG = { appId: 'voyage', keyId: 'log' }
const CHART = { appId: 'voyage', keyId: 'chart' }

describe('backups and the destruction of keys', () => {
  let centre: TestCentre
  let bridge: TestRequester
  let shelf: MemoryBackupShelf
  let backups: Backups

  beforeEach(async () => {
    centre = await openTestCentre()
    bridge = new TestRequester('bridge')
    shelf = new MemoryBackupShelf()
    backups = new Backups(centre, shelf)
    await centre.applications.create('anna', 'voyage', policyFor([bridge]))
    for (const key of [LOG, CHART]) {
      await centre.keys.generate('anna', { ...key, algorithm: 'aes-256-gcm' })
      await centre.keys.activate('anna', key)
    }
    await centre.keys.rotate('anna', LOG)
  })

  const destroy = (key = LOG): Promise<Destruction> =>
    destroyKey({ centre, backups, actor: 'anna', key })

  /** The key's bytes as a requester of some centre obtains them, in hexadecimal. */
  async function obtain(from: Centre, key: typeof LOG, version: number | null = null) {
    const request = centre.ask(bridge, { ...key, version })
    const requestDigest = releaseDigest(from.seal.centreId, request)
    const release = await new Releases(from).release(centre.sign(bridge, request))
    const { signer } = from.seal.record
    const secretKey = bridge.openingSecret
    return encodeHex(unwrapRelease({ release, requestDigest, secretKey, signer }))
  }

  /** A new centre over an empty store, opened with the shares of the lost one. */
  async function emptyCentre(backup: Uint8Array): Promise<Centre> {
    const store = new MemoryKeyStore()
    const { root } = readBackupLabel(backup)
    await storeRootRecord(store, root)
    const seal = new Seal(root)
    for (const share of centre.shares.slice(1)) await seal.submit(share)
    return composeCentre({ store, seal, random: centre.random, clock: centre.clock })
  }

  async function restored(backup: Uint8Array, destructions: Destruction[] = []): Promise<Centre> {
    const fresh = await emptyCentre(backup)
    await restoreBackup({
      centre: fresh,
      shelf: new MemoryBackupShelf(),
      backup,
      destructions,
      actor: 'anna',
    })
    return fresh
  }

  async function read(backupId: string): Promise<Uint8Array> {
    return (await shelf.get(backupId)) ?? expect.fail('the backup is gone')
  }

  it('bring applications and all versions of keys back into an empty centre', async () => {
    const expected = [await obtain(centre, LOG, 1), await obtain(centre, LOG, 2)]
    const fresh = await restored(await read(await backups.create('anna')))
    expect([await obtain(fresh, LOG, 1), await obtain(fresh, LOG, 2)]).to.deep.equal(expected)
    expect(await obtain(fresh, CHART)).to.equal(await obtain(centre, CHART))
    const entries = await Array.fromAsync(readAudit(fresh.store))
    const verdict = await verifyAudit(entries, [await auditHead(fresh.rows)])
    expect(verdict.firstBad).to.equal(null)
  })

  it('bring the authority back: what it had issued is good, what it issued since is unknown', async () => {
    const certificates = new Certificates(centre)
    await certificates.create('anna')
    const issue = async (name: string) => {
      const { request } = await newCertificateRequest()
      return (await certificates.issue('anna', { request, role: 'agent', name })).certificate
    }
    const before = await issue('before')
    const backup = await read(await backups.create('anna'))
    const since = await issue('since')
    const fresh = new Certificates(await restored(backup))
    expect(await fresh.authenticate(before)).to.include({ name: 'before' })
    expect(await codeOf(fresh.authenticate(since))).to.equal('CERTIFICATE_REFUSED')
    expect((await fresh.published()).certificate).to.deep.equal(
      (await certificates.published()).certificate,
    )
  })

  it('are listed with the keys that they hold, and have none of them in the clear', async () => {
    const backupId = await backups.create('anna')
    const [entry] = await backups.list()
    expect(entry).to.include({ backupId, generation: 1, createdAtMs: centre.time.nowMs })
    expect(entry?.keys.map(({ keyId, versions }) => [keyId, versions.length])).to.deep.equal([
      ['chart', 1],
      ['log', 2],
    ])
    const hex = encodeHex(await read(backupId))
    for (const secret of centre.drawn.filter(({ length }) => length === 32)) {
      expect(hex).to.not.contain(encodeHex(secret))
    }
  })

  it('leave no key in memory that was read to make them', async () => {
    const readAll = centre.rows.readAll.bind(centre.rows)
    const reading = Promise.withResolvers<Awaited<ReturnType<typeof readAll>>>()
    centre.rows.readAll = async (prefixes) => {
      const rows = await readAll(prefixes)
      reading.resolve(rows)
      return rows
    }
    await backups.create('anna')
    const rows = await reading.promise
    const held = rows.filter(({ place }) => place.startsWith('material/'))
    expect(held).to.have.length(3)
    for (const { value } of held) expect(value.every((byte) => byte === 0)).to.equal(true)
  })

  it('are refused when a bit was changed, when relabelled, and in a centre that is in use', async () => {
    const backupId = await backups.create('anna')
    const backup = await read(backupId)
    const into = { centre, shelf, destructions: [], actor: 'a' }
    for (let at = 0; at < backup.length; at += 97) {
      const changed = backup.with(at, backup[at]! ^ 1)
      const attempt = restoreBackup({ ...into, backup: changed })
      expect(await codeOf(attempt), `byte ${at}`).to.be.oneOf([
        'BACKUP_DAMAGED',
        'STORE_FAILED',
        'NOT_EMPTY',
      ])
      if (at > backup.length / 2) expect(await codeOf(attempt)).to.equal('BACKUP_DAMAGED')
    }
    const label = decodeCbor(backup, { maxBytes: 1e6 }) as Record<string, CborValue>
    const relabelled = encodeCbor({ ...label, generation: 9 })
    const attempt = restoreBackup({ ...into, backup: relabelled })
    expect(await codeOf(attempt)).to.equal('BACKUP_DAMAGED')
    const inUse = restoreBackup({ ...into, backup })
    expect(await codeOf(inUse)).to.equal('NOT_EMPTY')
  })

  it('can be restored by going on after an interruption', async () => {
    const backup = await read(await backups.create('anna'))
    const fresh = await emptyCentre(backup)
    const transact = fresh.store.transact.bind(fresh.store)
    let left = 2
    fresh.store.transact = (transaction) =>
      left-- > 0 ? transact(transaction) : Promise.reject(new Error('power cut'))
    const restore = () =>
      restoreBackup({ centre: fresh, shelf, backup, destructions: [], actor: 'anna' })
    expect(await restore().catch((error: unknown) => error)).to.have.property(
      'message',
      'power cut',
    )
    fresh.store.transact = transact
    await restore()
    expect(await obtain(fresh, LOG)).to.equal(await obtain(centre, LOG))
    expect(await codeOf(restore())).to.equal('NOT_EMPTY')
  })

  it('cannot bring a destroyed key back, whichever is restored; other keys are untouched', async () => {
    const chart = await obtain(centre, CHART)
    const ids = [await backups.create('anna'), await backups.create('anna')]
    await centre.keys.revoke('anna', LOG)
    ids.push(await backups.create('anna'))
    const destruction = await destroy()
    expect((await backups.list()).map(({ generation }) => generation)).to.deep.equal([2, 2, 2])
    for (const id of ids) {
      const fresh = await restored(await read(id))
      expect(await codeOf(obtain(fresh, LOG))).to.equal('KEY_STATE')
      expect(await fresh.rows.list('material/voyage/log', { limit: 5 })).to.deep.equal([])
      expect(await obtain(fresh, CHART)).to.equal(chart)
      expect(await codeOf(centre.keys.activate('anna', LOG))).to.equal('KEY_STATE')
    }
    expect(await obtain(centre, CHART)).to.equal(chart)
    expect((await centre.keys.get(LOG))?.state).to.equal('destroyed')
    expect(verifyDestruction(destruction, centre.record.signer)).to.equal(true)
    expect(verifyDestruction({ ...destruction, keyId: 'chart' }, centre.record.signer)).to.equal(
      false,
    )
    expect(await getDestruction(centre, LOG)).to.deep.equal(destruction)
    expect(await getDestruction(centre, CHART)).to.equal(null)
  })

  it('are void as old copies: a statement keeps the key out, and the centre refuses the copy', async () => {
    const backupId = await backups.create('anna')
    const copy = await read(backupId)
    await centre.keys.revoke('anna', LOG)
    const destruction = await destroy()
    const fresh = await restored(copy, [destruction])
    expect(await codeOf(obtain(fresh, LOG))).to.equal('KEY_STATE')
    expect(await fresh.rows.list('material/voyage/log', { limit: 5 })).to.deep.equal([])
    const forged = { ...destruction, keyId: 'chart' }
    expect(await codeOf(restored(copy, [forged]))).to.equal('NOT_ALLOWED')
    await shelf.put(backupId, copy, () => {})
    expect(await codeOf(backups.list())).to.equal('BACKUP_OUTDATED')
  })

  it('hold a destruction up, by name, while one cannot be made anew, and it goes on afterwards', async () => {
    const [first, second] = [await backups.create('anna'), await backups.create('anna')]
    const kept = await read(second)
    await shelf.remove(second)
    expect(await codeOf(destroy()), 'not revoked').to.equal('KEY_STATE')
    await centre.keys.revoke('anna', LOG)
    const error: unknown = await destroy().catch((reason: unknown) => reason)
    expect(error).to.deep.include({ code: 'BACKUP_UNREACHABLE', details: { backups: second } })
    expect((await centre.keys.get(LOG))?.state).to.equal('destroying')
    expect(await codeOf(obtain(centre, LOG))).to.equal('KEY_STATE')
    expect(await getDestruction(centre, LOG)).to.equal(null)
    await shelf.put(second, kept, () => {})
    await destroy()
    expect((await backups.list()).map(({ keys }) => keys.length)).to.deep.equal([1, 1])
    expect((await backups.list()).map(({ backupId }) => backupId)).to.have.members([first, second])
    expect(await codeOf(destroy())).to.equal('KEY_STATE')
  })

  it('that no longer exist can be taken off the record, and that is on record', async () => {
    const backupId = await backups.create('anna')
    await shelf.remove(backupId)
    await centre.keys.revoke('anna', LOG)
    expect(await codeOf(destroy())).to.equal('BACKUP_UNREACHABLE')
    await backups.forget('anna', backupId)
    expect((await destroy()).keyId).to.equal('log')
  })

  it('goes on with a backup that was written anew before its record was', async () => {
    await backups.create('anna')
    await centre.keys.revoke('anna', LOG)
    const put = shelf.put.bind(shelf)
    shelf.put = async (...args) => {
      await put(...args)
      throw new Error('killed')
    }
    expect(await codeOf(destroy())).to.equal('BACKUP_UNREACHABLE')
    shelf.put = put
    await destroy()
    expect((await backups.list()).map(({ generation }) => generation)).to.deep.equal([2])
  })

  it('leave nothing behind when the shelf fails', async () => {
    shelf.put = () => Promise.reject(new Error('full'))
    const failed = await backups.create('anna').catch((error: unknown) => error)
    expect(failed).to.have.property('message', 'full')
    expect(await backups.list()).to.deep.equal([])
    await centre.keys.revoke('anna', LOG)
    expect((await destroy()).versions).to.equal(2)
  })

  for (const [name, open] of [
    [
      'memory',
      () => Promise.resolve({ shelf: new MemoryBackupShelf(), end: () => Promise.resolve() }),
    ],
    [
      'a folder',
      async () => {
        const folder = await mkdtemp(join(tmpdir(), 'orlop-kmc-shelf-'))
        const opened = await FolderBackupShelf.open(join(folder, 'backups'))
        return { shelf: opened, end: () => rm(folder, { recursive: true }) }
      },
    ],
  ] as const) {
    it(`lie on a shelf (${name}) that keeps, replaces, lists and removes them`, async () => {
      const { shelf: other, end } = await open()
      const [one, two] = ['1'.repeat(32), '2'.repeat(32)]
      await other.put(two, randomBytes(5), () => {})
      await other.put(one, new Uint8Array([1]), () => {})
      await other.put(one, new Uint8Array([2, 3]), () => {})
      expect(await other.list()).to.deep.equal([one, two])
      expect(await other.get(one)).to.deep.equal(new Uint8Array([2, 3]))
      await other.remove(one)
      await other.remove(one)
      expect(await other.get(one)).to.equal(null)
      expect(await other.list()).to.deep.equal([two])
      await end()
    })
  }
})
