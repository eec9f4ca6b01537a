import { expect } from 'chai'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { auditHead, readAudit } from '../audit/audit-log.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { KmcError } from '../kmc-error.ts'
import { findSecrets } from '../testkit/find-secrets.ts'
import {
  codeOf,
  openTestCentre,
  policyFor,
  type TestCentre,
  TestRequester,
} from '../testkit/test-centre.ts'
import { randomSm2Scalar } from '@orlop/crypto/cards/sm2/curve'
import { openSm2 } from '@orlop/crypto/cards/sm2/encryption'
import { sm2PublicKey } from '@orlop/crypto/cards/sm2/public-key'
import {
  confirmRelease,
  type Release,
  sm2WrappedRelease,
  unwrapRelease,
} from '@orlop/crypto/keys/key-release'
import { releaseDigest, type ReleaseRequest } from '@orlop/crypto/keys/release-request'

function newSm2Pair() {
  const privateKey = decodeHex(randomSm2Scalar().toString(16).padStart(64, '0'))
  return { privateKey, publicKey: sm2PublicKey(privateKey) }
}

const NAME = { appId: 'voyage', keyId: 'log' }
const MINUTE_MS = 60_000

describe('keys of applications', () => {
  let centre: TestCentre
  let bridge: TestRequester
  let shore: TestRequester

  beforeEach(async () => {
    centre = await openTestCentre()
    bridge = new TestRequester('bridge')
    shore = new TestRequester('shore')
    await centre.applications.create('anna', 'voyage', policyFor([bridge, shore]))
    await centre.keys.generate('anna', { ...NAME, algorithm: 'aes-256-gcm' })
    await centre.keys.activate('anna', NAME)
  })

  const release = (from: TestRequester, request: ReleaseRequest) =>
    centre.releases.release(centre.sign(from, request))

  function unwrap(by: TestRequester, request: ReleaseRequest, answer: Release): Uint8Array {
    return unwrapRelease({
      release: answer,
      requestDigest: releaseDigest(centre.seal.centreId, request),
      secretKey: by.openingSecret,
      signer: centre.record.signer,
    })
  }

  async function obtain(from: TestRequester, asked: Partial<ReleaseRequest> = {}) {
    const request = centre.ask(from, asked)
    const answer = await release(from, request)
    return { ...answer, key: encodeHex(unwrap(from, request, answer)) }
  }

  it('follow the application: all whom its policy names get the same key, each for itself', async () => {
    const one = await obtain(bridge)
    const other = await obtain(shore)
    expect(one.key).to.equal(other.key)
    expect(one.wrapped).to.not.deep.equal(other.wrapped)
    expect(centre.drawn.map(encodeHex)).to.include(one.key)
  })

  it('are of no use to another requester, for another request, or from another centre', async () => {
    const request = centre.ask(bridge, {})
    const answer = await release(bridge, request)
    const invalid = (work: () => unknown) =>
      expect(work).to.throw().with.property('code', 'AUTHENTICATION_FAILED')
    invalid(() => unwrap(shore, request, answer))
    invalid(() => unwrap(bridge, { ...request, timeMs: request.timeMs + 1 }, answer))
    invalid(() => unwrap(bridge, request, { ...answer, version: 2 }))
    const other = await openTestCentre()
    invalid(() =>
      unwrapRelease({
        release: answer,
        requestDigest: releaseDigest(centre.seal.centreId, request),
        secretKey: bridge.openingSecret,
        signer: other.record.signer,
      }),
    )
  })

  it('are wrapped to a card’s SM2 key where the policy names one, and of no use to anybody else', async () => {
    const { publicKey, privateKey } = newSm2Pair()
    const card = { ...shore.entry, openingKey: publicKey }
    const policy = policyFor([bridge, shore])
    await centre.applications.setPolicy('anna', 'voyage', {
      ...policy,
      requesters: [bridge.entry, card],
    })
    const request = centre.ask(shore, {})
    const answer = await release(shore, request)
    expect(answer).to.include({ ephemeralKey: null })
    const requestDigest = releaseDigest(centre.seal.centreId, request)
    const { signer } = centre.record
    const wrapped = sm2WrappedRelease({ release: answer, requestDigest, signer })
    const confirmed = confirmRelease(
      { release: answer, requestDigest },
      openSm2(privateKey, wrapped),
    )
    expect(encodeHex(confirmed)).to.equal((await obtain(bridge)).key)
    const invalid = (work: () => unknown) =>
      expect(work).to.throw().with.property('code', 'AUTHENTICATION_FAILED')
    invalid(() => openSm2(newSm2Pair().privateKey, wrapped))
    invalid(() => unwrap(shore, request, answer))
    // A card that is wrong.
    invalid(() => confirmRelease({ release: answer, requestDigest }, new Uint8Array(32)))
    const other = releaseDigest(centre.seal.centreId, centre.ask(shore, {}))
    invalid(() => sm2WrappedRelease({ release: answer, requestDigest: other, signer }))
  })

  it('are wrapped to nothing that is no key', async () => {
    const { entry } = shore
    const offCurve = Uint8Array.of(4, ...new Uint8Array(64).fill(0x11))
    for (const openingKey of [offCurve, new Uint8Array(65), new Uint8Array(31)]) {
      const policy = { ...policyFor([bridge]), requesters: [{ ...entry, openingKey }] }
      const refused: unknown = await centre.applications
        .setPolicy('anna', 'voyage', policy)
        .catch((error: unknown) => error)
      expect(String(refused)).to.include('a point of the SM2 curve')
    }
  })

  it('seal with their newest version only, and open with every version', async () => {
    const first = await obtain(bridge, { purpose: 'seal' })
    await centre.keys.rotate('anna', NAME)
    const second = await obtain(bridge, { purpose: 'seal' })
    expect(second.key).to.not.equal(first.key)
    expect([second.version, second.isNewest]).to.deep.equal([2, true])
    const old = await obtain(bridge, { purpose: 'open', version: 1 })
    expect([old.key, old.isNewest]).to.deep.equal([first.key, false])
    const seal = centre.ask(bridge, { purpose: 'seal', version: 1 })
    expect(await codeOf(release(bridge, seal))).to.equal('NOT_ALLOWED')
    expect(await codeOf(release(bridge, centre.ask(bridge, { version: 3 })))).to.equal('NOT_FOUND')
  })

  it('go to nobody whom the policy does not name, and to nobody who signs for another', async () => {
    const thief = new TestRequester('thief')
    const own = centre.ask(thief, {})
    expect(await codeOf(release(thief, own))).to.equal('NOT_ALLOWED')
    const forged = centre.ask(thief, { requesterId: 'bridge' })
    expect(await codeOf(release(thief, forged))).to.equal('REQUEST_INVALID')
    const changed = {
      ...centre.sign(bridge, centre.ask(bridge, {})),
      signature: new Uint8Array(64),
    }
    expect(await codeOf(centre.releases.release(changed))).to.equal('REQUEST_INVALID')
    await centre.applications.setPolicy('anna', 'voyage', policyFor([shore]))
    expect(await codeOf(release(bridge, centre.ask(bridge, {})))).to.equal('NOT_ALLOWED')
  })

  it('are given once for a request, and for none that is too old or from the future', async () => {
    const request = centre.ask(bridge, {})
    await release(bridge, request)
    expect(await codeOf(release(bridge, request))).to.equal('REQUEST_REPLAYED')
    const stamped = { ...request, timeMs: request.timeMs + 1000 }
    expect(await codeOf(release(bridge, stamped)), 'the same id').to.equal('REQUEST_REPLAYED')
    for (const skew of [-2 * MINUTE_MS - 1, 2 * MINUTE_MS + 1]) {
      const late = centre.ask(bridge, { timeMs: centre.time.nowMs + skew })
      expect(await codeOf(release(bridge, late))).to.equal('REQUEST_EXPIRED')
    }
    centre.time.nowMs += 2 * MINUTE_MS + 1
    expect(await codeOf(release(bridge, request))).to.equal('REQUEST_EXPIRED')
  })

  it('are given for requests that are remembered no longer than they could be answered', async () => {
    const places = async () => {
      const rows = await centre.rows.list('use/', { limit: 50 })
      return rows.map(({ place }) => place.slice('use/voyage/'.length))
    }
    for (let minute = 0; minute < 9; minute++) {
      await obtain(bridge)
      await obtain(bridge)
      centre.time.nowMs += MINUTE_MS
    }
    const slots = (await places()).filter((place) => place !== 'count')
    expect(slots).to.have.length(3)
  })

  it('are not given again for an old request when the clock is set back', async () => {
    const request = centre.ask(bridge, {})
    await release(bridge, request)
    centre.time.nowMs += 10 * MINUTE_MS
    await obtain(bridge)
    centre.time.nowMs -= 10 * MINUTE_MS
    expect(await codeOf(release(bridge, request))).to.equal('REQUEST_EXPIRED')
  })

  it('answer one of many copies of a request that come at once', async () => {
    const signed = centre.sign(bridge, centre.ask(bridge, {}))
    const copies = Array.from({ length: 5 }, () => codeOf(centre.releases.release(signed)))
    const codes = await Promise.all(copies)
    expect(codes.filter((code) => code === null)).to.have.length(1)
    expect(codes.filter((code) => code === 'REQUEST_REPLAYED')).to.have.length(4)
  })

  it('stop at once when the key or the application is revoked', async () => {
    await centre.keys.generate('anna', { ...NAME, keyId: 'other', algorithm: 'aes-256-gcm' })
    await centre.keys.activate('anna', { ...NAME, keyId: 'other' })
    await centre.keys.revoke('anna', NAME)
    expect(await codeOf(release(bridge, centre.ask(bridge, {})))).to.equal('KEY_STATE')
    expect((await obtain(bridge, { keyId: 'other' })).version).to.equal(1)
    await centre.applications.revoke('anna', 'voyage')
    const further = centre.ask(bridge, { keyId: 'other' })
    expect(await codeOf(release(bridge, further))).to.equal('APP_REVOKED')
  })

  it('keep to the quotas and algorithms of the policy', async () => {
    const policy = policyFor([bridge], { maxKeys: 2, maxReleasesPerHour: 2 })
    await centre.applications.setPolicy('anna', 'voyage', policy)
    const generate = (keyId: string, algorithm: 'aes-256-gcm' | 'sm4-ctr-hmac-sm3') =>
      codeOf(centre.keys.generate('anna', { ...NAME, keyId, algorithm }))
    expect(await generate('a', 'sm4-ctr-hmac-sm3')).to.equal('NOT_ALLOWED')
    expect(await generate('log', 'aes-256-gcm')).to.equal('ALREADY_EXISTS')
    expect(await generate('a', 'aes-256-gcm')).to.equal(null)
    expect(await generate('b', 'aes-256-gcm')).to.equal('QUOTA_EXCEEDED')
    await obtain(bridge)
    await obtain(bridge)
    expect(await codeOf(release(bridge, centre.ask(bridge, {})))).to.equal('QUOTA_EXCEEDED')
    centre.time.nowMs += 60 * MINUTE_MS
    expect((await obtain(bridge)).version).to.equal(1)
  })

  it('are listed by name, without their bytes', async () => {
    await centre.keys.generate('anna', { ...NAME, keyId: 'chart', algorithm: 'aes-256-gcm' })
    const listed = await centre.keys.list('voyage', { limit: 50 })
    expect(listed.map(({ keyId, state }) => [keyId, state])).to.deep.equal([
      ['chart', 'generated'],
      ['log', 'active'],
    ])
    expect(await centre.keys.list('voyage', { after: 'chart', limit: 50 })).to.have.length(1)
  })

  it('leave a trace of every act in the audit log, and of no refusal', async () => {
    await obtain(bridge)
    await codeOf(release(bridge, centre.ask(bridge, { keyId: 'nothing' })))
    await centre.keys.rotate('bert', NAME)
    const entries = await Array.fromAsync(readAudit(centre.store))
    const head = await auditHead(centre.rows)
    expect(await verifyAudit(entries, [head])).to.deep.equal({ goodCount: 5, firstBad: null })
    const told = entries.map(decodeAuditEntry).map(({ actor, act }) => `${actor} ${act}`)
    expect(told).to.deep.equal([
      'anna app.create',
      'anna key.generate',
      'anna key.activate',
      'voyage/bridge key.release',
      'bert key.rotate',
    ])
  })

  it('leave on record to whom they went, when an administrator puts itself in a requester’s place and takes it back', async () => {
    const honest = policyFor([bridge, shore])
    const mallory = new TestRequester('bridge')
    await centre.applications.setPolicy('mallory', 'voyage', policyFor([mallory, shore]))
    const request = centre.ask(mallory, {})
    await centre.releases.release(centre.sign(mallory, request), { certificate: 'c0ffee' })
    await centre.applications.setPolicy('mallory', 'voyage', honest)
    const entries = await Array.fromAsync(readAudit(centre.store))
    const acts = entries.map(decodeAuditEntry)
    const policies = acts.filter(({ act }) => act.startsWith('app.')).map(({ details }) => details)
    const keysOf = ({ entry }: TestRequester) =>
      [entry.signer, entry.openingKey].map(encodeHex).join()
    const [own, hers] = [keysOf(bridge), keysOf(mallory)]
    expect(policies).to.deep.equal([
      { appId: 'voyage', policy: policies[2]?.['policy'], '+bridge': own, '+shore': keysOf(shore) },
      { appId: 'voyage', policy: policies[1]?.['policy'], '-bridge': own, '+bridge': hers },
      { appId: 'voyage', policy: policies[0]?.['policy'], '-bridge': hers, '+bridge': own },
    ])
    expect(policies[1]?.['policy']).to.not.equal(policies[0]?.['policy'])
    const { actor, details } = acts.find(({ act }) => act === 'key.release')!
    const [signer, openingKey] = hers.split(',')
    const to = { signer, openingKey, certificate: 'c0ffee' }
    const digest = encodeHex(releaseDigest(centre.seal.centreId, request))
    const asked = { ...NAME, version: 1, purpose: 'open', request: digest }
    expect({ actor, details }).to.deep.equal({
      actor: 'voyage/bridge',
      details: { ...asked, ...to },
    })
  })

  it('have a policy of as many requesters as can be replaced, each with a name of its own', async () => {
    const crew = (letter: string) =>
      Array.from({ length: 64 }, (_, at) => new TestRequester(`${letter.repeat(60)}${at}`))
    await centre.applications.setPolicy('anna', 'voyage', policyFor(crew('a')))
    await centre.applications.setPolicy('anna', 'voyage', policyFor(crew('b')))
    const entries = await Array.fromAsync(readAudit(centre.store))
    expect(Object.keys(decodeAuditEntry(entries.at(-1)!).details)).to.have.length(2 + 2 * 64)
    const twice = policyFor([bridge, new TestRequester('bridge')])
    const refused: unknown = await centre.applications
      .setPolicy('anna', 'voyage', twice)
      .catch((error: unknown) => error)
    expect(refused).to.be.instanceOf(Error).with.property('name', 'ZodError')
  })

  it('are neither given nor made while the centre is sealed', async () => {
    centre.seal.seal()
    expect(await codeOf(release(bridge, centre.ask(bridge, {})))).to.equal('CENTRE_SEALED')
    expect(await codeOf(centre.keys.rotate('anna', NAME))).to.equal('CENTRE_SEALED')
    expect(await codeOf(centre.keys.list('voyage', { limit: 1 }))).to.equal('CENTRE_SEALED')
  })

  it('are in no error, no audit entry and no row of the store in the clear', async () => {
    await obtain(bridge)
    const errors: unknown[] = []
    const caught = async (work: Promise<unknown>) =>
      errors.push(await work.catch((error: unknown) => error))
    await caught(release(bridge, centre.ask(bridge, { version: 9 })))
    await caught(release(bridge, centre.ask(bridge, { requesterId: 'shore' })))
    await caught(centre.keys.generate('anna', { ...NAME, algorithm: 'aes-256-gcm' }))
    await caught(centre.keys.activate('anna', NAME))
    const rows = await centre.store.list({ prefix: '', limit: 128 })
    const transact = centre.store.transact.bind(centre.store)
    const lost = new KmcError('STORE_FAILED', 'the disk is gone', { cause: new Error('EIO') })
    centre.store.transact = () => Promise.reject(lost)
    await caught(centre.keys.rotate('anna', NAME))
    await caught(release(bridge, centre.ask(bridge, {})))
    centre.store.transact = transact
    const { key, value } = rows.find((row) => row.key.startsWith('row/material/'))!
    const change = { type: 'put', key, value: value.with(-1, value.at(-1)! ^ 1) } as const
    await centre.store.transact({ conditions: [], changes: [change] })
    await caught(release(bridge, centre.ask(bridge, {})))
    expect(errors).to.have.length(7)
    expect(errors.every((error) => error instanceof KmcError)).to.equal(true)
    const { rowKey, backupKey, signingKey } = centre.seal.keys
    const secrets = [...centre.drawn, rowKey, backupKey, signingKey].filter(
      ({ length }) => length >= 16,
    )
    expect(secrets.length).to.be.at.least(4)
    expect(findSecrets({ errors, rows }, secrets)).to.deep.equal([])
  })
})
