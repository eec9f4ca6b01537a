import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import fc from 'fast-check'
import { readIdentity } from '@orlop/protocol/centre/identity'
import type { Problem } from '../api/problem.ts'
import { CentreClient } from '../client/centre-client.ts'
import { algorithmSchema } from '../keys/records.ts'
import { ServedCentre } from '../testkit/served-centre.ts'
import { PLATFORM_ROUTES } from './platform-routes.ts'

const RUNS = 12
const APP = 'voyage'
const KEYS = [
  ['log', 'aes-256-gcm'],
  ['tag', 'hmac-sm3'],
  ['pen', 'sm2-sm3'],
  ['box', 'sm2-encrypt'],
] as const
const DATA = Buffer.from('noon report').toString('base64')

interface Raw {
  readonly status: number
  readonly type: string
  readonly body: Buffer
}

const hostile = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.base64String({ maxLength: 200 }),
  fc.constantFrom('', '=', 'AAAA====', '__proto__', -1, 1e300, 65, '../log', 'a'.repeat(64)),
)

describe('the platform’s API', () => {
  let served: ServedCentre
  let agent: Agent
  let url: string
  /** A right body for each route. */
  let right: Record<keyof typeof PLATFORM_ROUTES, Record<string, unknown>>

  before(async () => {
    served = await ServedCentre.start()
    const { applications, keys } = served.running.opened
    await applications.create('anna', APP, {
      ...{ requesters: [], algorithms: [...algorithmSchema.options] },
      ...{ maxKeys: 10, maxReleasesPerHour: 10, maxOperationsPerMinute: 100_000 },
    })
    for (const [keyId, algorithm] of KEYS) {
      await keys.generate('anna', { appId: APP, keyId, algorithm })
      await keys.activate('anna', { appId: APP, keyId })
    }
    const identity = await served.identity('application', APP)
    const { privateKey: key, certificate: cert, authority: ca } = identity
    agent = new Agent({ key, cert, ca, keepAlive: true })
    url = served.running.facts.url
    right = await rightBodies()
  })
  after(async () => {
    agent.destroy()
    await served.stop()
  })

  /** Sends bytes, or pieces of them. */
  async function send(
    path: string,
    type: string,
    body: Iterable<Uint8Array | string>,
  ): Promise<Raw> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { 'content-type': type }
    const asked = request(new URL(path, url), { method: 'POST', agent, headers })
    asked.on('error', reject).on('response', resolve)
    for (const piece of body) asked.write(piece)
    asked.end()
    const response = await promise
    const parts = (await response.toArray()) as Buffer[]
    const { statusCode: status = 0, headers: answered } = response
    return { status, type: answered['content-type'] ?? '', body: Buffer.concat(parts) }
  }

  async function post(path: string, body: unknown): Promise<Record<string, unknown>> {
    const raw = await send(path, 'application/json', [JSON.stringify(body)])
    expect(raw.status, raw.body.toString()).to.equal(200)
    return JSON.parse(raw.body.toString()) as Record<string, unknown>
  }

  const problemOf = ({ body }: Raw) => JSON.parse(body.toString()) as Problem

  async function rightBodies() {
    const at = (name: keyof typeof PLATFORM_ROUTES) => PLATFORM_ROUTES[name].path
    const { ciphertext } = await post(at('encrypt'), { keyId: 'log', data: DATA })
    const { mac } = await post(at('mac'), { keyId: 'tag', data: DATA })
    const { signature } = await post(at('sign'), { keyId: 'pen', data: DATA })
    const { publicKey } = await post(at('publicKey'), { keyId: 'box' })
    const envelope = await post(at('sealEnvelope'), { recipient: publicKey, data: DATA })
    return {
      encrypt: { keyId: 'log', data: DATA, additionalData: DATA },
      decrypt: { keyId: 'log', ciphertext },
      mac: { keyId: 'tag', data: DATA, version: 1 },
      verifyMac: { keyId: 'tag', data: DATA, mac },
      sign: { keyId: 'pen', data: DATA, encoding: 'raw' },
      verify: { keyId: 'pen', data: DATA, signature },
      publicKey: { keyId: 'pen' },
      sealEnvelope: { recipient: publicKey, data: DATA },
      openEnvelope: { keyId: 'box', ...envelope },
      hash: { algorithm: 'sm3', data: DATA },
      random: { bytes: '32' },
    }
  }

  it('gives back what was sealed, and says whether what was signed is right', async () => {
    const { decrypt, openEnvelope, verify, verifyMac } = PLATFORM_ROUTES
    expect(await post(decrypt.path, right.decrypt)).to.deep.equal({ data: DATA })
    expect(await post(openEnvelope.path, right.openEnvelope)).to.deep.equal({ data: DATA })
    for (const [path, body] of [
      [verify.path, right.verify],
      [verifyMac.path, right.verifyMac],
    ] as const) {
      expect(await post(path, body)).to.deep.equal({ version: 1, valid: true })
      const other = { ...body, data: 'AAAA' }
      expect(await post(path, other)).to.deep.equal({ version: 1, valid: false })
    }
  })

  it('takes 1 MiB at once, and not more', async () => {
    const most = Buffer.alloc(1024 * 1024).toString('base64')
    const { ciphertext } = await post('/v1/platform/encrypt', { keyId: 'log', data: most })
    const opened = await post('/v1/platform/decrypt', { keyId: 'log', ciphertext })
    expect(opened['data'] === most).to.equal(true)
    const more = Buffer.alloc(1024 * 1024 + 1).toString('base64')
    const body = [JSON.stringify({ keyId: 'log', data: more })]
    const raw = await send('/v1/platform/encrypt', 'application/json', body)
    expect([raw.status, problemOf(raw).code]).to.deep.equal([400, 'REQUEST_INVALID'])
  })

  it('hashes a stream that is longer than any body, and nothing that is no stream', async () => {
    const piece = Buffer.alloc(256 * 1024, 7)
    const pieces = new Array<Buffer>(40).fill(piece)
    const raw = await send('/v1/platform/hash/sm3', 'application/octet-stream', pieces)
    const hash = createHash('sm3')
    for (const one of pieces) hash.update(one)
    expect(JSON.parse(raw.body.toString())).to.deep.equal({ digest: hash.digest('base64') })
    for (const [path, type, status] of [
      ['/v1/platform/hash/md5', 'application/octet-stream', 404],
      ['/v1/platform/hash/sm3', 'text/plain', 415],
    ] as const) {
      expect((await send(path, type, ['abc'])).status, path).to.equal(status)
    }
  })

  it('gives timestamps for queries by RFC 3161, and refuses other bodies', async () => {
    const type = 'application/timestamp-query'
    const raw = await send('/v1/timestamps', type, ['no query'])
    expect([raw.status, raw.type]).to.deep.equal([200, 'application/timestamp-reply'])
    // TimeStampResp with the status "rejection".
    expect(raw.body.subarray(0, 1).toString('hex')).to.equal('30')
    expect(raw.body.includes(Buffer.from('020102', 'hex'))).to.equal(true)
    expect((await send('/v1/timestamps', 'application/json', ['{}'])).status).to.equal(415)
    expect((await send('/v1/timestamps', type, [Buffer.alloc(2000)])).status).to.equal(413)
  })

  it('counts operations and shows its cards, and names no application and no key', async () => {
    const administrator = await readIdentity(served.home.administratorIdentity)
    const response = await fetchText('/metrics', administrator)
    expect(response).to.match(
      /orlop_kmc_operation_seconds_count\{operation="mac",outcome="ok"\} \d/,
    )
    expect(response).to.contain('orlop_kmc_cards{state="ready"} 1')
    for (const secret of [APP, 'pen', DATA]) expect(response).to.not.contain(`"${secret}"`)
  })

  it('is for applications alone, and for each its own', async () => {
    const other = await served.identity('application', 'cargo')
    for (const [identity, code] of [
      [other, 'NOT_FOUND'],
      [await served.identity('gateway', 'shore'), 'NOT_ALLOWED'],
    ] as const) {
      const client = new CentreClient({ url, identity })
      const body = { keyId: 'log', data: new Uint8Array(1) }
      const error = await client
        .ask(PLATFORM_ROUTES.encrypt, { body })
        .catch((caught: unknown) => caught)
      expect(error).to.include({ code })
      client.close()
    }
  })

  it('answers as documented, or refuses as documented, whatever stands in one field', async () => {
    const document = JSON.parse(await fetchText('/openapi.json')) as object
    const ajv = new Ajv2020({ strict: false }).addSchema(document, 'document')
    const isProblem = ajv.compile({ $ref: 'document#/components/schemas/Problem' })
    for (const [name, body] of Object.entries(right)) {
      const { path, method } = PLATFORM_ROUTES[name as keyof typeof PLATFORM_ROUTES]
      if (method === 'get') continue
      const capital = name.charAt(0).toUpperCase() + name.slice(1)
      const isAnswer = ajv.compile({ $ref: `document#/components/schemas/${capital}Answer` })
      const changed = fc.record({ field: fc.constantFrom(...Object.keys(body)), value: hostile })
      await fc.assert(
        fc.asyncProperty(changed, async ({ field, value }) => {
          const sent = JSON.stringify({ ...body, [field]: value })
          const raw = await send(path, 'application/json', [sent])
          const answer: unknown = JSON.parse(raw.body.toString())
          const fits = raw.status === 200 ? isAnswer(answer) : isProblem(answer)
          expect(fits && raw.status < 500, `${path} ${sent}: ${raw.body.toString()}`).to.equal(true)
        }),
        { numRuns: RUNS, seed: 11 },
      )
    }
  })

  async function fetchText(path: string, identity?: { privateKey: string; certificate: string }) {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const as =
      identity === undefined ? {} : { key: identity.privateKey, cert: identity.certificate }
    const { ca } = agent.options
    const options = identity === undefined ? { agent } : { agent: false, ca, ...as }
    request(new URL(path, url), options).on('error', reject).on('response', resolve).end()
    return Buffer.concat((await (await promise).toArray()) as Buffer[]).toString()
  }
})
