import { expect } from 'chai'
import { newCertificateRequest } from '../client/certificate-request.ts'
import { Timestamps } from '../timestamps/timestamps.ts'
import { codeOf, openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import type { IssuedCertificate } from './certificate-records.ts'
import { Certificates } from './certificates.ts'
import { MAX_FAMILY } from './family.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe('certificates that were renewed one by another', () => {
  let centre: TestCentre
  let certificates: Certificates
  let request: string
  let first: IssuedCertificate

  before(async () => ({ request } = await newCertificateRequest()))

  beforeEach(async () => {
    centre = await openTestCentre()
    certificates = new Certificates(centre)
    await certificates.create('anna')
    first = await certificates.issue('anna', { request, role: 'agent', name: 'cargo', days: 90 })
  })

  const renew = ({ serial }: IssuedCertificate) => certificates.renew('cargo', serial, request)
  const isGood = async ({ certificate }: IssuedCertificate) =>
    (await codeOf(certificates.authenticate(certificate))) === null

  it('are bounded however they are renewed, and fall with the first all at once', async () => {
    const family = [first]
    for (let at = 0; family.length < 40; at++) {
      // Each is renewed thrice, until no more are issued.
      const next = await renew(family[Math.floor(at / 3)] ?? first).catch(() => null)
      if (next === null) break
      family.push(next)
    }
    expect(family).to.have.length(MAX_FAMILY)
    for (const one of family) expect(await codeOf(renew(one))).to.equal('NOT_ALLOWED')
    const revoked = await certificates.revoke('anna', first.serial, 'key-compromise')
    expect(revoked).to.have.members(family.map(({ serial }) => serial))
    for (const one of family) expect(await isGood(one)).to.equal(false)
    expect(await certificates.revoke('anna', first.serial, 'key-compromise')).to.deep.equal([])
  })

  it('may be a hundred in a row, and an old one takes along what is still good', async () => {
    const family = [first]
    for (let last = first; family.length < 100; family.push(last)) {
      centre.time.nowMs += 30 * DAY_MS
      last = await renew(last)
    }
    const good = family.slice(-3)
    const revoked = await certificates.revoke('anna', first.serial, 'key-compromise')
    expect(revoked).to.include.members(good.map(({ serial }) => serial))
    for (const one of family) expect(await isGood(one)).to.equal(false)
  })

  it('take along what they were renewed by, and nothing else', async () => {
    const [left, right] = [await renew(first), await renew(first)]
    const child = await renew(left)
    expect(await certificates.revoke('anna', left.serial, 'superseded')).to.have.members([
      left.serial,
      child.serial,
    ])
    expect(await certificates.revoke('anna', left.serial, 'superseded')).to.deep.equal([])
    expect(await Promise.all([first, right].map(isGood))).to.deep.equal([true, true])
    // Those that are revoked leave their places to others.
    for (let count = 2; count < MAX_FAMILY; count++) await renew(right)
    expect(await codeOf(renew(right))).to.equal('NOT_ALLOWED')
  })

  it('are none that the centre issues to itself: nobody gets its timestamps for a key of his own', async () => {
    const digest = new Uint8Array(32)
    const sha256 = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]
    const imprint = [0x30, 0x2f, 0x30, 0x0b, ...sha256, 0x04, 0x20, ...digest]
    const query = Uint8Array.of(0x30, imprint.length + 3, 0x02, 0x01, 0x01, ...imprint)
    await new Timestamps(centre).answer(query)
    const listed = await certificates.list({ limit: 10 })
    const signer = listed.find(({ role }) => role === 'timestamp') ?? expect.fail('none was made')
    expect(await codeOf(renew(signer))).to.equal('NOT_ALLOWED')
    expect(await certificates.list({ limit: 10 })).to.have.length(2)
  })
})
