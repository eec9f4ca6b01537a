import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type TLSSocket } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { auditHead, readAudit } from '../audit/audit-log.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { KmcError } from '../kmc-error.ts'
import { hasOpenSsl, OpenSsl } from '../testkit/openssl.ts'
import { codeOf, openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import type { IssuedCertificate } from './certificate-records.ts'
import type { CertificateRole } from './certificate-roles.ts'
import { Certificates, type IssueRequest } from './certificates.ts'
import { signNew } from './issue.ts'
import { readPeer } from './peer.ts'
import { formatPem } from './pem.ts'

const DAY_MS = 24 * 60 * 60 * 1000

const isInstalled = hasOpenSsl()
const title = isInstalled ? 'certificates' : 'certificates (needs: apt-get install openssl)'
// On the machine that decides, nothing is skipped.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let openssl: OpenSsl
  let centre: TestCentre
  let certificates: Certificates
  let request: string

  before(async () => {
    openssl = await OpenSsl.open()
    request = await openssl.request('one', '/O=another/OU=administrator/CN=mallory')
  })

  after(() => openssl.remove())

  beforeEach(async () => {
    centre = await openTestCentre()
    certificates = new Certificates(centre)
    await certificates.create('anna')
  })

  const issue = (role: CertificateRole, name: string, more: Partial<IssueRequest> = {}) =>
    certificates.issue('anna', { request, role, name, ...more })

  /** How `openssl verify` judges a certificate at the centre's time. */
  async function judge({ certificate }: IssuedCertificate, ...options: string[]) {
    const published = await certificates.published()
    await openssl.write('ca.pem', formatPem('CERTIFICATE', published.certificate))
    await openssl.write('crl.pem', formatPem('X509 CRL', published.crl))
    await openssl.write('one.pem', formatPem('CERTIFICATE', certificate))
    const seconds = String(Math.floor(centre.time.nowMs / 1000))
    const lists = ['-CAfile', 'ca.pem', '-CRLfile', 'crl.pem', '-crl_check', '-x509_strict']
    return openssl.refusal('verify', '-attime', seconds, ...lists, ...options, 'one.pem')
  }

  async function faultOf(certificate: Uint8Array): Promise<unknown> {
    const error = await certificates.authenticate(certificate).catch((caught: unknown) => caught)
    return error instanceof KmcError ? [error.code, error.details['fault']] : null
  }

  describe('as openssl sees them', () => {
    it('are good with their authority and its list, each for what its role does', async () => {
      const ship = await issue('application', 'voyage')
      expect(await judge(ship, '-purpose', 'sslclient')).to.equal(null)
      expect(await judge(ship, '-purpose', 'sslserver')).to.contain(
        'unsuitable certificate purpose',
      )
      const server = await issue('server', 'centre', { hosts: ['kmc.fleet.example', '127.0.0.1'] })
      expect(await judge(server, '-verify_hostname', 'kmc.fleet.example')).to.equal(null)
      expect(await judge(server, '-verify_ip', '127.0.0.1')).to.equal(null)
      expect(await judge(server, '-verify_hostname', 'other.example')).to.contain('mismatch')
      expect(await judge(server, '-purpose', 'sslclient')).to.contain('unsuitable')
    })

    it('are revoked by the next list, with the reason, and nobody else is', async () => {
      const [bad, good] = [await issue('node', 'node-1'), await issue('node', 'node-2')]
      await certificates.revoke('anna', bad.serial, 'key-compromise')
      expect(await judge(bad)).to.contain('certificate revoked')
      expect(await judge(good)).to.equal(null)
      const text = await openssl.run('crl', '-in', 'crl.pem', '-noout', '-text')
      expect(text)
        .to.contain('Key Compromise')
        .and.match(/X509v3 CRL Number:\s+2/)
    })

    it('come from an authority that cannot make another authority', async () => {
      const text = async () => {
        await judge(await issue('gateway', 'shore', { hosts: ['localhost'] }))
        return openssl.run('x509', '-in', 'ca.pem', '-noout', '-text')
      }
      expect(await text()).to.contain('CA:TRUE, pathlen:0')
    })
  })

  describe('of roles', () => {
    it('carry the role, the name and the centre that the administrator gave, and nothing of the request', async () => {
      const { certificate, serial } = await issue('application', 'voyage')
      const { role, name, ...rest } = readPeer(certificate)
      expect({ role, name }).to.deep.equal({ role: 'application', name: 'voyage' })
      expect(rest.serial).to.equal(serial)
      expect(await certificates.authenticate(certificate)).to.deep.equal(readPeer(certificate))
    })

    it('are told to a TLS server by the handshake', async () => {
      const today = await openTestCentre()
      today.time.nowMs = Date.now()
      const live = new Certificates(today)
      await live.create('anna')
      const ca = formatPem('CERTIFICATE', (await live.published()).certificate)
      const key = (await openssl.read('one.key')).toString()
      const identityOf = async (role: CertificateRole, hosts: string[]) => {
        const { certificate } = await live.issue('anna', { request, role, name: 'x', hosts })
        return { key, ca, cert: formatPem('CERTIFICATE', certificate) }
      }
      const asking = { requestCert: true, rejectUnauthorized: false }
      const server = createServer({ ...(await identityOf('server', ['localhost'])), ...asking })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const target = { host: '127.0.0.1', servername: 'localhost', port }
      const client = connect({ ...(await identityOf('custodian', [])), ...target })
      try {
        const connected = once(client, 'secureConnect')
        const [socket] = (await once(server, 'secureConnection')) as [TLSSocket]
        await connected
        expect(socket.authorized).to.equal(true)
        const der = socket.getPeerX509Certificate()?.raw ?? new Uint8Array()
        expect(await live.authenticate(der)).to.include({ role: 'custodian', name: 'x' })
        socket.destroy()
      } finally {
        client.destroy()
        server.close()
      }
    })

    it('are read from nothing but certificates of a centre', async () => {
      await openssl.run(
        ...['req', '-x509', '-key', 'one.key', '-subj', '/OU=administrator/CN=mallory'],
        ...['-out', 'own.der', '-outform', 'DER'],
      )
      const own = await openssl.read('own.der')
      expect(() => readPeer(own)).to.throw('names no role')
      expect(() => readPeer(Buffer.from('nothing'))).to.throw('cannot be read')
      expect(await faultOf(own)).to.deep.equal(['CERTIFICATE_REFUSED', 'foreign'])
    })
  })

  describe('when a peer shows one', () => {
    it('are refused when another fleet’s centre issued them, also one with the same names', async () => {
      const other = new Certificates(await openTestCentre())
      await other.create('bert')
      const foreign = await other.issue('bert', { request, role: 'administrator', name: 'anna' })
      expect(await faultOf(foreign.certificate)).to.deep.equal(['CERTIFICATE_REFUSED', 'foreign'])
    })

    it('are refused before and after their time, when revoked, and when on no record', async () => {
      const { certificate, serial } = await issue('agent', 'cargo', { days: 2 })
      const { nowMs } = centre.time
      for (const [timeMs, fault] of [
        [nowMs - DAY_MS, 'not-yet-valid'],
        [nowMs + 3 * DAY_MS, 'expired'],
      ] as const) {
        centre.time.nowMs = timeMs
        expect(await faultOf(certificate)).to.deep.equal(['CERTIFICATE_REFUSED', fault])
      }
      centre.time.nowMs = nowMs
      await certificates.revoke('anna', serial, 'superseded')
      expect(await faultOf(certificate)).to.deep.equal(['CERTIFICATE_REFUSED', 'revoked'])
      const ghost = await signNew(centre, {
        role: 'administrator',
        name: 'ghost',
        hosts: [],
        days: 1,
        publicKey: await publicKeyOfRequest(),
      })
      expect(await faultOf(ghost.certificate)).to.deep.equal(['CERTIFICATE_REFUSED', 'unknown'])
    })

    it('are judged by a sealed centre too, so that its custodians can come', async () => {
      const good = await issue('custodian', 'carla', { days: 1000 })
      const bad = await issue('custodian', 'carl')
      await certificates.revoke('anna', bad.serial, 'privilege-withdrawn')
      centre.seal.seal()
      expect(await certificates.authenticate(good.certificate)).to.include({ name: 'carla' })
      expect(await faultOf(bad.certificate)).to.deep.equal(['CERTIFICATE_REFUSED', 'revoked'])
      expect(await codeOf(issue('custodian', 'new'))).to.equal('CENTRE_SEALED')
      const { crl } = await certificates.published()
      crl[crl.length - 1] = (crl.at(-1) ?? 0) ^ 1
      const [row] = await centre.store.list({ prefix: 'public/crl', limit: 1 })
      const change = { type: 'put', key: row?.key ?? '', value: crl } as const
      await centre.store.transact({ conditions: [], changes: [change] })
      expect(await faultOf(good.certificate)).to.deep.equal(['CERTIFICATE_REFUSED', 'unknown'])
    })
  })

  describe('over time', () => {
    it('are renewed for the same role and name with a new key; revoking the first revokes its renewals', async () => {
      const first = await issue('gateway', 'shore', { hosts: ['localhost'], days: 30 })
      centre.time.nowMs += 20 * DAY_MS
      const nextRequest = await openssl.request('two', '/CN=whoever')
      const second = await certificates.renew('shore', first.serial, nextRequest)
      const third = await certificates.renew('shore', second.serial, request)
      expect(second).to.include({ role: 'gateway', name: 'shore', days: 30 })
      expect(second.hosts).to.deep.equal(['localhost'])
      expect(await judge(third)).to.equal(null)
      expect(await judge(first)).to.equal(null)
      const revoked = await certificates.revoke('anna', first.serial, 'key-compromise')
      expect(revoked).to.have.members([first.serial, second.serial, third.serial])
      expect(await judge(third)).to.contain('certificate revoked')
      expect(await codeOf(certificates.renew('shore', third.serial, request))).to.equal(
        'NOT_ALLOWED',
      )
      expect(await certificates.revoke('anna', first.serial, 'key-compromise')).to.deep.equal([])
    })

    it('are not renewed when they have expired, and never outlive their authority', async () => {
      const { serial } = await issue('node', 'node-1', { days: 2 })
      centre.time.nowMs += 3 * DAY_MS
      expect(await codeOf(certificates.renew('node-1', serial, request))).to.equal('NOT_ALLOWED')
      centre.time.nowMs += 3600 * DAY_MS
      const last = await issue('node', 'node-2', { days: 398 })
      expect(last.notAfterMs - centre.time.nowMs).to.be.within(48 * DAY_MS, 51 * DAY_MS)
      centre.time.nowMs += 60 * DAY_MS
      expect(await codeOf(issue('node', 'node-3'))).to.equal('NOT_ALLOWED')
    })

    it('have a list that is signed anew each day', async () => {
      const { crl } = await certificates.published()
      const { revision } = (await centre.store.get('public/crl')) ?? {}
      expect((await certificates.published()).crl).to.deep.equal(crl)
      // Who only asks makes the centre write nothing.
      expect((await centre.store.get('public/crl'))?.revision).to.equal(revision)
      centre.time.nowMs += DAY_MS
      expect((await certificates.published()).crl).to.not.deep.equal(crl)
      expect(await judge(await issue('node', 'node-1'))).to.equal(null)
    })

    it('are listed by serial, and every act is in the log', async () => {
      const issued = [await issue('node', 'a'), await issue('node', 'b'), await issue('node', 'c')]
      await certificates.revoke('bert', issued[1]?.serial ?? '', 'unspecified')
      const serials = issued.map(({ serial }) => serial).sort()
      const [first] = await certificates.list({ limit: 1 })
      const rest = await certificates.list({ limit: 50, after: first?.serial ?? '' })
      expect([first, ...rest].map((one) => one?.serial)).to.deep.equal(serials)
      const entries = await Array.fromAsync(readAudit(centre.store))
      const verdict = await verifyAudit(entries, [await auditHead(centre.rows)])
      expect(verdict.firstBad).to.equal(null)
      expect(
        entries.map(decodeAuditEntry).map(({ actor, act }) => `${actor} ${act}`),
      ).to.deep.equal([
        'anna certificate.authority',
        ...issued.map(() => 'anna certificate.issue'),
        'bert certificate.revoke',
      ])
    })
  })

  describe('that are not issued', () => {
    it('are those for requests without the private key, of weak keys, or that are no requests', async () => {
      const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
      const changed = Uint8Array.from(der)
      changed[changed.length - 3] = (changed.at(-3) ?? 0) ^ 1
      const bad = {
        changed,
        cut: der.subarray(0, 100),
        text: 'please',
        long: Buffer.alloc(17 * 1024),
        weak: await openssl.request('weak', '/CN=x', 'rsa:1024'),
        curve: await openssl.request(
          'k1',
          '/CN=x',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:secp256k1',
        ),
      }
      for (const [what, one] of Object.entries(bad)) {
        expect(await codeOf(issue('node', 'x', { request: one })), what).to.equal('REQUEST_INVALID')
      }
      expect((await issue('node', 'x', { request: der })).name).to.equal('x')
    })

    it('are those for another key than the request’s own, whatever bit was changed; and no changed certificate is taken', async () => {
      const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')
      const { certificate } = await issue('agent', 'cargo')
      const keyIn = (one: Uint8Array) =>
        new X509Certificate(one).publicKey.export({ type: 'spki', format: 'pem' })
      const change = (bytes: Uint8Array, bit: number) => {
        const at = (bit >> 3) % bytes.length
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7))
        return changed
      }
      await fc.assert(
        fc.asyncProperty(fc.nat(), async (bit) => {
          const asked = issue('agent', 'cargo', { request: change(der, bit) })
          const code = await codeOf(asked)
          // Lengths of the outermost parts are signed by nothing.
          if (code === null) expect(keyIn((await asked).certificate)).to.equal(keyIn(certificate))
          else expect(code).to.equal('REQUEST_INVALID')
          const shown = certificates.authenticate(change(certificate, bit))
          expect(await codeOf(shown)).to.equal('CERTIFICATE_REFUSED')
        }),
        { numRuns: 150, seed: 3 },
      )
    })

    it('are those that a role or a rule does not allow', async () => {
      const asked: Partial<IssueRequest>[] = [
        { days: 0 },
        { days: 399 },
        { days: 1.5 },
        { hosts: ['not a host'] },
        { hosts: new Array<string>(17).fill('localhost') },
        { name: 'Anna, OU=administrator' },
        { name: '' },
        { role: 'server' },
        { role: 'application', hosts: ['localhost'] },
      ]
      for (const one of asked) {
        expect(await codeOf(issue('node', 'x', one)), JSON.stringify(one)).to.equal('NOT_ALLOWED')
      }
    })

    it('are all, before there is an authority; and there is one once only', async () => {
      const none = new Certificates(await openTestCentre())
      const asked = { request, role: 'node', name: 'x' } as const
      expect(await codeOf(none.issue('anna', asked))).to.equal('NOT_FOUND')
      expect(await codeOf(certificates.create('anna'))).to.equal('ALREADY_EXISTS')
      expect(await codeOf(certificates.revoke('anna', '00'.repeat(16), 'unspecified'))).to.equal(
        'NOT_FOUND',
      )
    })
  })

  /** The public key of the request. */
  async function publicKeyOfRequest(): Promise<Uint8Array> {
    await openssl.run('pkey', '-in', 'one.key', '-pubout', '-outform', 'DER', '-out', 'one.pub')
    return openssl.read('one.pub')
  }
})
