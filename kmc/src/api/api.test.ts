import { Agent, request } from 'node:https'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import fc from 'fast-check'
import { encodeHex } from '@orlop/crypto/bytes'
import { signReleaseRequest } from '@orlop/crypto/keys/release-request'
import { parseShare } from '@orlop/crypto/thresholds/share-text'
import type { Logger } from '@orlop/protocol/logger'
import { CERTIFICATE_ROLES } from '../certificates/certificate-roles.ts'
import { CentreClient } from '../client/centre-client.ts'
import { newCertificateRequest } from '../client/certificate-request.ts'
import { type Identity, readIdentity } from '@orlop/protocol/centre/identity'
import { KmcError } from '../kmc-error.ts'
import { findSecrets } from '../testkit/find-secrets.ts'
import { codeOf, policyFor, TestRequester } from '../testkit/test-centre.ts'
import { ServedCentre } from '../testkit/served-centre.ts'
import { PLATFORM_ROUTES } from '../platform/platform-routes.ts'
import { RAW_PATHS } from '../platform/raw-paths.ts'
import { CENTRE_ROUTES } from './centre-routes.ts'
import { CERTIFICATE_ROUTES } from './certificate-routes.ts'
import type { Problem } from './problem.ts'
import type { Route } from './route.ts'

const RUNS = 8
const ROUTES = { ...CENTRE_ROUTES, ...CERTIFICATE_ROUTES, ...PLATFORM_ROUTES }
/** Answers of this kind change nothing that other tests here look at. */
const PARAMS: Readonly<Record<string, string>> = {
  appId: 'voyage',
  keyId: 'log',
  backupId: '0'.repeat(32),
  serial: '0'.repeat(32),
}

interface Raw {
  readonly status: number
  readonly text: string
}

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom('__proto__', '../..', '%00', 'null', '-1', '1e9', "' OR 1=1", '0'.repeat(64)),
)

describe('the centre’s API', () => {
  let served: ServedCentre
  let administrator: Identity
  const log: object[] = []
  const bridge = new TestRequester('bridge')
  const agents = new Map<Identity | null, Agent>()

  before(async () => {
    served = await ServedCentre.start({ logger: recordingLogger(log) })
    administrator = await readIdentity(served.home.administratorIdentity)
    const body = { appId: 'voyage', policy: policyFor([bridge]) }
    const client = served.client(administrator)
    await client.ask(CENTRE_ROUTES.createApplication, { body })
    const key = { keyId: 'log', algorithm: 'aes-256-gcm' } as const
    await client.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'voyage' }, body: key })
  })
  after(async () => {
    for (const agent of agents.values()) agent.destroy()
    await served.stop()
  })

  /** Sends whatever it is told to, as a stranger would. */
  function send(path: string, options: Sent = {}): Promise<Raw> {
    const { method = 'GET', body, identity = administrator, type = 'application/json' } = options
    const agent = agents.get(identity) ?? newAgent(identity)
    agents.set(identity, agent)
    const { promise, resolve, reject } = Promise.withResolvers<Raw>()
    const headers = body === undefined ? {} : { 'content-type': type }
    const asked = request(new URL(path, served.running.facts.url), { method, agent, headers })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, text })
      })
    })
    asked.end(body)
    return promise
  }

  const problemOf = ({ text }: Raw) => JSON.parse(text) as Problem

  for (const role of CERTIFICATE_ROLES) {
    it(`lets a certificate for ${role} ask what is for it, and refuses all else`, async () => {
      const identity = await served.identity(role, 'somebody')
      for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
        if (route.roles.includes(role)) continue
        const refused = await send(addressOf(route), {
          method: route.method.toUpperCase(),
          identity,
        })
        expect([refused.status, problemOf(refused).code], name).to.deep.equal([403, 'NOT_ALLOWED'])
      }
      expect((await send('/v1/health', { identity })).status).to.equal(200)
    })
  }

  it('lets an auditor read the whole log, who can do nothing else that others cannot', async () => {
    const auditor = served.client(await served.identity('auditor', 'surveyor'))
    const { entries } = await auditor.ask(CENTRE_ROUTES.audit, {})
    expect(entries).to.not.have.length(0)
    const owner = await served.identity('node', 'somebody')
    expect((await send('/v1/audit', { identity: owner })).status).to.equal(403)
  })

  it('gives no keys to an administrator, and none of another application', async () => {
    const body = releaseBody('voyage')
    const ask = async (identity: Identity) =>
      problemOf(await send('/v1/release', { method: 'POST', body, identity })).code
    expect(await ask(administrator)).to.equal('NOT_ALLOWED')
    expect(await ask(await served.identity('application', 'stowage'))).to.equal('NOT_ALLOWED')
    expect(await ask(await served.identity('application', 'voyage'))).to.equal('REQUEST_INVALID')
  })

  it('refuses who has no certificate, or one of another fleet’s centre, and says so', async () => {
    const other = await ServedCentre.start()
    const foreign = await readIdentity(other.home.administratorIdentity)
    for (const [identity, fault] of [
      [null, 'malformed'],
      [foreign, 'foreign'],
    ] as const) {
      for (const path of ['/v1/status', '/openapi.json', '/metrics', '/nothing']) {
        const { code, details } = problemOf(await send(path, { identity }))
        expect({ code, details }, path).to.deep.equal({
          code: 'CERTIFICATE_REFUSED',
          details: { fault },
        })
      }
    }
    const mistaken = new CentreClient({ url: served.running.facts.url, identity: foreign })
    expect(await codeOf(mistaken.ask(CENTRE_ROUTES.status, {}))).to.equal('CERTIFICATE_REFUSED')
    mistaken.close()
    await other.stop()
  })

  it('is not mistaken for the centre by a client when it is another service of the fleet', async () => {
    const gateway = await served.identity('gateway', 'somebody')
    const { startTlsServer } = await import('../service/tls-server.ts')
    const server = await startTlsServer((_, response) => response.end('{}'), {
      identity: gateway,
      host: '127.0.0.1',
      port: 0,
    })
    const client = new CentreClient({ url: server.url, identity: administrator })
    expect(await codeOf(client.ask(CENTRE_ROUTES.status, {}))).to.equal('CERTIFICATE_REFUSED')
    client.close()
    await server.stop()
  })

  it('refuses a revoked certificate at once, on a connection that was open before, sealed or not', async () => {
    const identity = await served.identity('custodian', 'carla')
    const client = served.client(identity)
    await client.ask(CENTRE_ROUTES.status, {})
    const { certificates, centre } = served.running.opened
    const { readPeer } = await import('../certificates/peer.ts')
    const { X509Certificate } = await import('node:crypto')
    const { serial } = readPeer(new X509Certificate(identity.certificate))
    await certificates.revoke('anna', serial, 'key-compromise')
    const code = () => codeOf(client.ask(CENTRE_ROUTES.status, {}))
    expect(await code()).to.equal('CERTIFICATE_REFUSED')
    centre.seal.seal()
    expect(await code()).to.equal('CERTIFICATE_REFUSED')
    for (const index of [1, 2]) {
      const body = { share: await served.share(index) }
      await served.client(administrator).ask(CENTRE_ROUTES.unseal, { body })
    }
  })

  it('issues, renews and revokes certificates; others renew their own only', async () => {
    const asAdministrator = served.client(administrator)
    const { privateKey, request } = await newCertificateRequest()
    const body = { request, role: 'application', name: 'voyage' } as const
    const issued = await asAdministrator.ask(CERTIFICATE_ROUTES.issueCertificate, { body })
    const { serial, certificate, authority } = issued
    const application = served.client({ privateKey, certificate, authority })
    const renew = (client: CentreClient, params: { serial: string }) =>
      client.ask(CERTIFICATE_ROUTES.renewCertificate, { params, body: { request } })
    const { serial: renewed } = await renew(application, { serial })
    expect(await codeOf(renew(application, { serial: renewed }))).to.equal('NOT_ALLOWED')
    const { items } = await asAdministrator.ask(CERTIFICATE_ROUTES.certificates, {})
    expect(items.map((one) => one.serial)).to.include.members([serial, renewed])
    const asked = { params: { serial }, body: { reason: 'superseded' } } as const
    const { revoked } = await asAdministrator.ask(CERTIFICATE_ROUTES.revokeCertificate, asked)
    expect(revoked).to.have.members([serial, renewed])
    expect(await codeOf(application.ask(CENTRE_ROUTES.status, {}))).to.equal('CERTIFICATE_REFUSED')
    const { crl } = await asAdministrator.ask(CERTIFICATE_ROUTES.authority, {})
    expect(crl).to.match(/^-----BEGIN X509 CRL-----/)
  })

  describe('as its OpenAPI document describes it', () => {
    interface Operation {
      readonly parameters: readonly { readonly name: string; readonly in: string }[]
      readonly requestBody?: object
      readonly responses: Record<string, { content?: Record<string, { schema: object }> }>
    }
    let document: { paths: Record<string, Record<string, Operation>> }
    let ajv: Ajv2020

    before(async () => {
      document = JSON.parse((await send('/openapi.json')).text) as typeof document
      ajv = new Ajv2020({ strict: false })
      ajv.addSchema(document, 'document')
    })

    function assertFits({ status, text }: Raw, { responses }: Operation, what: string): void {
      const problem = { $ref: '#/components/schemas/Problem' }
      const documented = responses[String(status)]?.content?.['application/json']?.schema
      const { $ref } = (documented ?? problem) as { $ref: string }
      expect(
        status === 200 || documented !== undefined || status < 500,
        `${what}: ${text}`,
      ).to.equal(true)
      const fits = ajv.compile({ $ref: `document${$ref}` })
      expect(fits(JSON.parse(text)), `${what}: ${text} ${JSON.stringify(fits.errors)}`).to.equal(
        true,
      )
    }

    it('has every route, with its roles', () => {
      const all = Object.values(document.paths).flatMap((path) => Object.keys(path))
      const expected = [...Object.keys(ROUTES), ...Object.keys(RAW_PATHS)]
      expect(all).to.have.length(expected.length)
    })

    it('answers what is documented, or refuses as documented, whatever it is sent', async () => {
      const identities = [administrator, await served.identity('application', 'voyage')]
      for (const [path, methods] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(methods)) {
          if (path === '/v1/seal' || path === '/v1/random/test') continue
          const right = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? '')
          const asked = fc.record({
            body: fc.oneof(fc.json(), hostileText, fc.constant('{'), fc.constant('')),
            query: fc.dictionary(hostileText, hostileText, { maxKeys: 2 }),
            name: fc.option(hostileText.filter((text) => !/^\.{0,2}$/.test(text))),
            identity: fc.constantFrom(...identities),
          })
          await fc.assert(
            fc.asyncProperty(asked, async ({ body, query, name, identity }) => {
              const address =
                name === null
                  ? right
                  : path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(name.toWellFormed()))
              const search = new URLSearchParams(wellFormed(query)).toString()
              const raw = await send(`${address}?${search}`, {
                method: method.toUpperCase(),
                identity,
                ...(operation.requestBody === undefined ? {} : { body }),
              })
              assertFits(raw, operation, `${method} ${path}`)
            }),
            { numRuns: RUNS, seed: 7 },
          )
        }
      }
    })
  })

  it('refuses bodies that are too long, of another kind, or where none belongs', async () => {
    const long = JSON.stringify({ share: 'a'.repeat(70_000) })
    const cases = [
      ['/v1/unseal', { method: 'POST', body: long }, 413],
      ['/v1/unseal', { method: 'POST', body: '{"share":"x"', type: 'text/plain' }, 400],
      ['/v1/unseal', { method: 'POST', body: '{"share":' }, 400],
      ['/v1/seal', { method: 'POST', body: '{}' }, 413],
      [`/v1/status?${'a'.repeat(3000)}`, {}, 414],
      ['/v1/status?colour=blue', {}, 400],
    ] as const
    for (const [path, options, status] of cases) {
      const raw = await send(path, options)
      expect([raw.status, problemOf(raw).code], path).to.deep.equal([status, 'REQUEST_INVALID'])
    }
  })

  it('bounds what comes with one certificate, and leaves others alone', async () => {
    const bounded = await ServedCentre.start({ requestsPerMinute: 3 })
    const [first, second] = [await bounded.administrator(), await bounded.custodian(1)]
    const ask = (client: CentreClient) => codeOf(client.ask(CENTRE_ROUTES.status, {}))
    for (let at = 0; at < 3; at++) expect(await ask(first)).to.equal(null)
    expect(await ask(first)).to.equal('QUOTA_EXCEEDED')
    expect(await ask(second)).to.equal(null)
    await bounded.stop()
  })

  it('shows no secret in metrics, in its log or in refusals', async () => {
    const { centre } = served.running.opened
    const client = served.client(administrator)
    const drawn: Uint8Array[] = []
    const generate = centre.random.generate.bind(centre.random)
    centre.random.generate = async (lengthBytes) => {
      const bytes = await generate(lengthBytes)
      drawn.push(bytes.slice())
      return bytes
    }
    const key = { keyId: 'secret', algorithm: 'aes-256-gcm' } as const
    const params = { appId: 'lookout', keyId: 'secret' }
    const body = { appId: 'lookout', policy: policyFor([bridge]) }
    await client.ask(CENTRE_ROUTES.createApplication, { body })
    await client.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'lookout' }, body: key })
    await client.ask(CENTRE_ROUTES.activateKey, { params })
    await client.ask(CENTRE_ROUTES.rotateKey, { params })
    await client.ask(CENTRE_ROUTES.createBackup, {})
    const released = await send('/v1/release', {
      ...{ method: 'POST', identity: await served.identity('application', 'lookout') },
      body: releaseBody('lookout', { keyId: 'secret', by: bridge, centreId: centre.seal.centreId }),
    })
    expect(released.status, released.text).to.equal(200)
    const share = await served.share(1)
    const bad = JSON.stringify({ share: `${share}x` })
    const refused = await send('/v1/unseal', { method: 'POST', body: bad })
    const transact = centre.store.transact.bind(centre.store)
    const lost = new KmcError('STORE_FAILED', 'the disk is gone', { cause: new TypeError('EIO') })
    centre.store.transact = () => Promise.reject(lost)
    const failed = await send('/v1/applications/lookout/keys/secret/rotate', { method: 'POST' })
    centre.store.transact = transact
    expect(failed.status).to.equal(500)
    expect(log.some((line) => JSON.stringify(line).includes('STORE_FAILED'))).to.equal(true)
    const { text } = await send('/metrics')
    expect(text).to.contain('orlop_kmc_unsealed 1')
    expect(text).to.contain('route="/v1/unseal"')
    const { rowKey, backupKey, signingKey } = centre.seal.keys
    const long = drawn.filter(({ length }) => length >= 32)
    expect(long).to.have.length.at.least(3)
    const root = parseShare(share).bytes
    const all = { released, refused, failed, text, log }
    expect(findSecrets(all, [...long, rowKey, backupKey, signingKey, root])).to.deep.equal([])
    const said = refused.text + failed.text + text + JSON.stringify(log)
    for (const secret of [share.slice(20, 60), 'lookout', 'PRIVATE']) {
      expect(said).to.not.contain(secret)
    }
  })
})

/** Connections that take whatever answers for the centre. */
function newAgent(identity: Identity | null): Agent {
  const tls =
    identity === null
      ? {}
      : { key: identity.privateKey, cert: identity.certificate, ca: identity.authority }
  return new Agent({ ...tls, keepAlive: true, rejectUnauthorized: false })
}

interface Sent {
  readonly method?: string
  readonly body?: string
  readonly type?: string
  readonly identity?: Identity | null
}

function addressOf({ path }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? '')
}

function wellFormed(query: Record<string, string>): [string, string][] {
  return Object.entries(query).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()])
}

/** Signed by nobody unless it is said by whom. */
function releaseBody(appId: string, signed: Signed | null = null): string {
  const keyId = signed?.keyId ?? 'log'
  const names = { appId, keyId, requesterId: 'bridge', purpose: 'open', version: null } as const
  const request = { ...names, requestId: new Uint8Array(16), timeMs: Date.now() }
  const { signature } =
    signed === null
      ? { signature: new Uint8Array(64) }
      : signReleaseRequest(signed.centreId, request, signed.by.signingSecret)
  return JSON.stringify({
    request: { ...request, requestId: encodeHex(request.requestId) },
    signature: encodeHex(signature),
  })
}

interface Signed {
  readonly keyId: string
  readonly by: TestRequester
  readonly centreId: Uint8Array
}

function recordingLogger(log: object[]): Logger {
  const note = (fields: object, message: string) => {
    log.push({ ...fields, message })
  }
  const logger: Logger = {
    ...{ debug: note, info: note, warn: note, error: note },
    child: () => logger,
  }
  return logger
}
