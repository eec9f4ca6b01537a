import { readFile, stat } from 'node:fs/promises'
import { expect } from 'chai'
import { encodeHex } from '@orlop/crypto/bytes'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import type { CentreClient } from '../client/centre-client.ts'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { releaseDigest, signReleaseRequest } from '@orlop/crypto/keys/release-request'
import { unwrapRelease } from '@orlop/crypto/keys/key-release'
import { ServedCentre } from '../testkit/served-centre.ts'
import { codeOf, policyFor, TestRequester } from '../testkit/test-centre.ts'
import { identityFile } from './local-identities.ts'
import { restoreCentre } from './run-centre.ts'

const LOG = { appId: 'voyage', keyId: 'log' }

/** The centre's error that work ends with. */
async function refusalOf(work: Promise<unknown>) {
  const error: unknown = await work.then(
    () => expect.fail('it was not refused'),
    (reason: unknown) => reason,
  )
  return error as { code: string; details: Record<string, unknown>; message: string }
}

async function makeKey(administrator: CentreClient, requester: TestRequester): Promise<void> {
  const policy = policyFor([requester])
  await administrator.ask(CENTRE_ROUTES.createApplication, { body: { appId: 'voyage', policy } })
  const body = { keyId: 'log', algorithm: 'aes-256-gcm' } as const
  await administrator.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'voyage' }, body })
  await administrator.ask(CENTRE_ROUTES.activateKey, { params: LOG })
}

describe('a centre as a service', () => {
  let served: ServedCentre
  let administrator: CentreClient

  beforeEach(async () => {
    served = await ServedCentre.start()
    administrator = await served.administrator()
  })
  afterEach(() => served.stop())

  it('is made with shares, identities and an authority, all for their owner’s eyes only', async () => {
    const { facts } = served.running
    expect(facts).to.deep.include({ seal: { state: 'unsealed', given: [], threshold: 2 } })
    expect(facts.newShares).to.deep.equal([
      await served.share(1),
      await served.share(2),
      await served.share(3),
    ])
    const { home } = served
    for (const path of [home.administratorIdentity, home.serverIdentity, home.custodian(1)]) {
      expect((await stat(path)).mode & 0o077, path).to.equal(0)
    }
    const { centreId } = await administrator.ask(CENTRE_ROUTES.status, {})
    expect(encodeHex(centreId)).to.equal(facts.centreId)
  })

  it('keeps no share and no key of the administrator’s in its store', async () => {
    const rows = await served.running.opened.centre.store.list({ prefix: '', limit: 128 })
    const all = rows.map(({ value }) => Buffer.from(value).toString('latin1')).join('\n')
    for (const index of [1, 2, 3]) {
      const letters = (await served.share(index)).replaceAll(/orlop-share:|-/g, '')
      expect(all).to.not.contain(letters.slice(40, 60))
    }
    expect(all).to.not.contain('PRIVATE KEY')
  })

  it('starts sealed the next time, and custodians unseal it over the network', async () => {
    await makeKey(administrator, new TestRequester('bridge'))
    await served.halt()
    const { facts } = await served.run()
    expect(facts).to.deep.include({ newShares: [], hasNewAdministrator: false, sharesAtHome: 3 })
    expect(facts.seal.state).to.equal('sealed')
    const asAdministrator = await served.administrator()
    expect(await codeOf(asAdministrator.ask(CENTRE_ROUTES.key, { params: LOG }))).to.equal(
      'CENTRE_SEALED',
    )
    for (const index of [3, 1]) {
      const custodian = await served.custodian(index)
      const body = { share: await served.share(index) }
      await custodian.ask(CENTRE_ROUTES.unseal, { body })
    }
    const key = await asAdministrator.ask(CENTRE_ROUTES.key, { params: LOG })
    expect(key.state).to.equal('active')
    const { entries } = await asAdministrator.ask(CENTRE_ROUTES.audit, {})
    const { act, actor, details } = decodeAuditEntry(entries.at(-1)!)
    expect({ act, actor, details }).to.deep.equal({
      act: 'centre.unseal',
      actor: 'custodian-1',
      details: { givers: 'custodian-3, custodian-1' },
    })
  })

  it('starts unsealed with shares at hand, and says which is bad', async () => {
    await served.halt()
    const shares = [await served.share(1), await served.share(2)]
    expect((await served.run({ shares })).facts.seal.state).to.equal('unsealed')
    await served.halt()
    const other = await ServedCentre.start()
    const foreign = await other.share(3)
    await other.stop()
    const attempt = await refusalOf(served.run({ shares: [shares[0]!, foreign] }))
    expect(attempt).to.deep.include({
      code: 'SHARE_REFUSED',
      details: { index: 3, reason: 'other-set' },
    })
    const slip = await refusalOf(served.run({ shares: [shares[0]!.replace(/.$/, '0')] }))
    expect(slip.code).to.equal('SHARE_REFUSED')
    expect(slip.message).to.not.contain(shares[0]!.slice(-8))
  })

  it('forgets its keys when it is sealed, and says who did it', async () => {
    expect((await administrator.ask(CENTRE_ROUTES.seal, {})).state).to.equal('sealed')
    const { audit, seal } = await administrator.ask(CENTRE_ROUTES.status, {})
    expect([audit, seal.state]).to.deep.equal([null, 'sealed'])
    const { entries } = await administrator.ask(CENTRE_ROUTES.audit, {})
    expect(decodeAuditEntry(entries.at(-1)!)).to.include({
      act: 'centre.seal',
      actor: 'administrator',
    })
    const body = { share: await served.share(1) }
    await administrator.ask(CENTRE_ROUTES.unseal, { body })
    expect((await administrator.ask(CENTRE_ROUTES.health, {})).status).to.equal('sealed')
  })

  it('gives a key to the application’s own requester, over the network, and to nobody after revocation', async () => {
    const requester = new TestRequester('bridge')
    await makeKey(administrator, requester)
    const application = served.client(await served.identity('application', 'voyage'))
    const { centreId, signer } = await application.ask(CENTRE_ROUTES.status, {})
    const ask = async () => {
      const request = {
        ...{ ...LOG, requesterId: 'bridge', purpose: 'seal' as const, version: null },
        ...{ requestId: crypto.getRandomValues(new Uint8Array(16)), timeMs: Date.now() },
      } as const
      const body = signReleaseRequest(centreId, request, requester.signingSecret)
      const release = await application.ask(CENTRE_ROUTES.release, { body })
      const requestDigest = releaseDigest(centreId, request)
      return unwrapRelease({ release, requestDigest, secretKey: requester.openingSecret, signer })
    }
    expect(await ask()).to.deep.equal(await ask())
    await administrator.ask(CENTRE_ROUTES.revokeKey, { params: LOG })
    expect(await codeOf(ask())).to.equal('KEY_STATE')
    await administrator.ask(CENTRE_ROUTES.revokeApplication, { params: { appId: 'voyage' } })
    expect(await codeOf(ask())).to.equal('APP_REVOKED')
  })

  it('restores a backup into an empty home, where the certificates of before are good', async () => {
    await makeKey(administrator, new TestRequester('bridge'))
    const { backupId } = await administrator.ask(CENTRE_ROUTES.createBackup, {})
    const backup = new Uint8Array(await readFile(`${served.home.backups}/${backupId}.kmc-backup`))
    const shares = [await served.share(2), await served.share(3)]
    const restoration = { backup, destructions: [] }
    const fresh = await ServedCentre.empty()
    try {
      const tooFew = { shares: shares.slice(1), restoration }
      expect(await codeOf(restoreCentre(fresh.optionsOf(tooFew)))).to.equal('CENTRE_SEALED')
      const options = fresh.optionsOf({ shares, restoration })
      expect((await restoreCentre(options)).centreId).to.equal(served.running.facts.centreId)
      expect(await codeOf(restoreCentre(options))).to.equal('NOT_EMPTY')
      await fresh.run({ shares })
      const theirs = await fresh.administrator()
      expect((await theirs.ask(CENTRE_ROUTES.key, { params: LOG })).state).to.equal('active')
      const before = await readIdentity(identityFile(served.home, 1))
      const custodian = fresh.client(before)
      expect((await custodian.ask(CENTRE_ROUTES.health, {})).status).to.equal('ok')
    } finally {
      await fresh.stop()
    }
  })

  it('refuses a home that is in use, and a port that is taken before it makes anything', async () => {
    expect(await codeOf(served.run({ port: 0 }))).to.equal('STORE_LOCKED')
    const other = await ServedCentre.empty()
    const { port } = served.running.facts
    expect(await codeOf(other.run({ port }))).to.equal('CONFIG_INVALID')
    expect((await other.run()).facts.newShares).to.have.length(3)
    await other.stop()
  })

  it('serves where it served before', async () => {
    const { port } = served.running.facts
    await served.halt()
    expect((await served.run({ port: null })).facts.port).to.equal(port)
  })
})
