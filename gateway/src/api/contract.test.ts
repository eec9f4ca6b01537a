import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import fc from 'fast-check'
import { formatObjectId } from '@orlop/protocol/ids'
import { openApiDocument } from './openapi.ts'
import { HOSTILE_NAME, ServedLedger } from './served-ledger.fixture.ts'

interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
}

interface Operation {
  parameters: Parameter[]
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}

const RUNS = 40
const DOCUMENT = openApiDocument('0.0.0-test') as { paths: Record<string, { get: Operation }> }
/** Those that end; the live stream has tests of its own. */
const OPERATIONS = Object.entries(DOCUMENT.paths)
  .map(([path, { get }]) => ({ path, ...get }))
  .filter(({ responses }) => responses['200']?.content?.['application/json'] !== undefined)

/** What nobody should send, and somebody will. */
const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ maxLength: 300 }),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.constantFrom(
    HOSTILE_NAME,
    "' OR 1=1 --",
    '"; DELETE FROM receipts; --',
    '%00',
    '\u0000',
    '__proto__',
    '[object Object]',
    'null',
    '-1',
    '1e9',
    '0x10',
    '9007199254740993',
    '%',
    '_',
    '*',
    'a AND b OR "c',
    '../../../etc/passwd',
    'orlop:' + 'a'.repeat(52),
    '0x' + 'f'.repeat(64),
  ),
)

describe('the API as its OpenAPI document describes it', () => {
  let served: ServedLedger
  let right: Record<string, string>
  const ajv = new Ajv2020({ strict: false }).addSchema(DOCUMENT, 'document')
  const problem = ajv.compile({ $ref: 'document#/components/schemas/Problem' })

  before(async () => {
    served = await ServedLedger.start()
    const hash = await served.fill()
    right = {
      ...{ clientId: '1', nodeId: '1', objectId: formatObjectId(served.at.on.objectId), hash },
      ...{ transactionHash: hash, classCode: '4', level: '2', fromMs: '0', limit: '7' },
      ...{
        toMs: '4102444800000',
        q: 'MV',
        bucket: 'day',
        state: 'admitted',
        tier: 'heavy',
        score: '5',
      },
    }
  })
  after(() => served.stop())

  it('is served as it is checked here', async () => {
    const response = await served.get('/openapi.json')
    expect(await response.json()).to.deep.equal(JSON.parse(JSON.stringify(DOCUMENT)))
  })

  for (const { path, parameters, responses } of OPERATIONS) {
    describe(path, () => {
      const schema = responses['200']?.content?.['application/json']?.schema ?? {}
      const answer = ajv.compile({ $ref: `document${(schema as { $ref: string }).$ref}` })
      /** Without those that would ask for a time without an end. */
      const usual = parameters.filter(({ name }) => name !== 'cursor')

      it('answers what is documented', async () => {
        const needed = parameters.filter(({ required }) => required)
        await expectAnswer(await served.get(address(path, needed, right)), answer)
      })

      it('answers what is documented for every filter', async () => {
        const isTimed = path.includes('statistics')
        const asked = usual.filter(({ name }) => !isTimed || !name.endsWith('Ms'))
        await expectAnswer(await served.get(address(path, asked, right)), answer)
      })

      it('refuses a parameter that is not documented', async () => {
        const needed = parameters.filter(({ required }) => required)
        const asked = new URL(address(path, needed, right), served.url)
        asked.searchParams.set('colour', 'blue')
        const response = await served.get(asked.pathname + asked.search)
        expect(response.status).to.equal(400)
        await expectProblem(response)
      })

      if (parameters.length === 0) return

      it('refuses hostile values, or answers what is documented, and never fails', async () => {
        const values = fc.record(
          Object.fromEntries(
            parameters.map(({ name, required }) => {
              const usualValue = fc.constant(name)
              const value = fc.oneof(
                { weight: 1, arbitrary: usualValue },
                { weight: 2, arbitrary: hostileText },
              )
              return [name, required ? value : fc.option(value, { nil: undefined })]
            }),
          ),
        )
        await fc.assert(
          fc.asyncProperty(values, async (given) => {
            // A name stands for its right value: those are known only when the ledger is filled.
            const meant = Object.entries(given).map(([name, value]) => [
              name,
              value === name ? (right[name] ?? value) : value,
            ])
            const response = await served.get(
              address(path, parameters, Object.fromEntries(meant) as Record<string, string>),
            )
            if (response.status === 200) await expectAnswer(response, answer)
            else await expectProblem(response)
          }),
          { numRuns: RUNS },
        )
      })
    })
  }

  async function expectAnswer(response: Response, matches: ValidateFunction): Promise<void> {
    const body: unknown = await response.json()
    expect(response.status, JSON.stringify(body)).to.equal(200)
    expect(response.headers.get('content-type')).to.equal('application/json; charset=utf-8')
    expect(matches(body), JSON.stringify(matches.errors)).to.equal(true)
  }

  async function expectProblem(response: Response): Promise<void> {
    const text = await response.text()
    expect(response.status, text).to.be.within(400, 499)
    expect(response.headers.get('content-type')).to.equal('application/problem+json; charset=utf-8')
    expect(problem(JSON.parse(text)), text).to.equal(true)
    expect((JSON.parse(text) as { status: number }).status).to.equal(response.status)
    expect(text).not.to.match(/sqlite|SELECT|node_modules|\.ts:\d/i)
  }
})

/** The address that asks for `values`; a path without one of its values would be another route. */
function address(
  path: string,
  parameters: readonly Parameter[],
  values: Readonly<Record<string, string | undefined>>,
): string {
  const query = new URLSearchParams()
  let filled = path
  for (const { name, in: place } of parameters) {
    const value = values[name]
    if (value === undefined) continue
    if (place === 'query') query.append(name, value)
    else filled = filled.replace(`{${name}}`, segmentOf(value))
  }
  return query.size === 0 ? filled : `${filled}?${query.toString()}`
}

/** Dots alone are taken out of an address before it is sent. */
function segmentOf(value: string): string {
  return /^(\.|%2e){0,2}$/i.test(value) ? 'dots' : encodeURIComponent(value).replaceAll('$', '%24')
}
