import { AsnConvert } from '@peculiar/asn1-schema'
import { PKIStatus, TimeStampReq, TimeStampResp } from '@peculiar/asn1-tsp'
import { expect } from 'chai'
import fc from 'fast-check'
import { Certificates } from '../certificates/certificates.ts'
import { formatPem } from '../certificates/pem.ts'
import { hasOpenSsl, OpenSsl } from '../testkit/openssl.ts'
import { codeOf, openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import { TIMESTAMP_POLICY, Timestamps } from './timestamps.ts'

const YEAR_MS = 366 * 24 * 60 * 60 * 1000

const isInstalled = hasOpenSsl()
const title = isInstalled ? 'timestamps' : 'timestamps (needs: apt-get install openssl)'
// On the machine that decides, nothing is skipped.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let openssl: OpenSsl
  let centre: TestCentre
  let timestamps: Timestamps

  before(async () => {
    openssl = await OpenSsl.open()
    await openssl.write('data', 'log of the voyage')
    await openssl.write('other', 'log of another voyage')
  })

  after(() => openssl.remove())

  beforeEach(async () => {
    centre = await openTestCentre()
    const certificates = new Certificates(centre)
    await certificates.create('anna')
    timestamps = new Timestamps(centre)
    await openssl.write(
      'ca.pem',
      formatPem('CERTIFICATE', (await certificates.published()).certificate),
    )
  })

  /** A query by the command, as its file's bytes. */
  async function query(...options: string[]): Promise<Uint8Array> {
    await openssl.run('ts', '-query', '-data', 'data', ...options, '-out', 'query')
    return openssl.read('query')
  }

  /** What the centre answers, as the command reads it. */
  async function answerTo(asked: Uint8Array): Promise<string> {
    await openssl.write('reply', await timestamps.answer(asked))
    return openssl.run('ts', '-reply', '-in', 'reply', '-text')
  }

  const verify = (...what: string[]) =>
    openssl.refusal(
      ...['ts', '-verify', '-in', 'reply', ...what, '-CAfile', 'ca.pem'],
      ...['-attime', String(Math.floor(centre.time.nowMs / 1000))],
    )

  for (const digest of ['sha256', 'sha384', 'sha512', 'sm3']) {
    it(`are tokens by RFC 3161 that openssl accepts for ${digest}, for this data and this query only`, async () => {
      const text = await answerTo(await query(`-${digest}`, '-cert'))
      expect(text).to.contain('Status: Granted').and.contain(TIMESTAMP_POLICY)
      expect(text).to.contain('Accuracy: 0x02 seconds').and.contain('Jan 15 08:00:00 2027 GMT')
      expect(await verify('-queryfile', 'query')).to.equal(null)
      expect(await verify('-data', 'data')).to.equal(null)
      expect(await verify('-data', 'other')).to.contain('message imprint mismatch')
      await query(`-${digest}`, '-cert')
      expect(await verify('-queryfile', 'query')).to.contain('nonce mismatch')
    })
  }

  it('come without the certificate when it is not asked for, and verify with it', async () => {
    await answerTo(await query('-sha256', '-cert'))
    await openssl.run('ts', '-reply', '-in', 'reply', '-token_out', '-out', 'token')
    await openssl.run('pkcs7', '-inform', 'DER', '-in', 'token', '-print_certs', '-out', 'tsa.pem')
    const withCertificate = (await openssl.read('reply')).length
    await answerTo(await query('-sha256', '-no_nonce'))
    expect((await openssl.read('reply')).length).to.be.lessThan(withCertificate - 300)
    expect(await verify('-data', 'data', '-untrusted', 'tsa.pem')).to.equal(null)
    expect(await verify('-data', 'data')).to.contain('certificate')
  })

  it('are not accepted when a byte was changed, or by another centre’s authority', async () => {
    await answerTo(await query('-sha256', '-cert'))
    const reply = Uint8Array.from(await openssl.read('reply'))
    reply[reply.length - 1] = (reply.at(-1) ?? 0) ^ 1
    await openssl.write('reply', reply)
    expect(await verify('-queryfile', 'query')).to.contain('Verification: FAILED')
    await answerTo(await query('-sha256', '-cert'))
    const other = new Certificates(await openTestCentre())
    await other.create('bert')
    await openssl.write('ca.pem', formatPem('CERTIFICATE', (await other.published()).certificate))
    expect(await verify('-queryfile', 'query')).to.contain('Verification: FAILED')
  })

  it('have serial numbers of their own', async () => {
    const asked = await query('-sha256')
    const serials = await Promise.all([1, 2, 3].map(async () => timestamps.answer(asked)))
    expect(new Set(serials.map((one) => Buffer.from(one).toString('hex'))).size).to.equal(3)
  })

  it('are signed by a key that is replaced each year; old tokens stay good', async () => {
    await answerTo(await query('-sha256', '-cert'))
    const issued = () => new Certificates(centre).list({ limit: 10 })
    expect((await issued()).map(({ role }) => role)).to.deep.equal(['timestamp'])
    centre.time.nowMs += YEAR_MS
    expect(await verify('-queryfile', 'query')).to.equal(null)
    await answerTo(await query('-sha256', '-cert'))
    expect(await issued()).to.have.length(2)
    expect(await verify('-queryfile', 'query')).to.equal(null)
  })

  it('are signed by another key once the certificate of the one before is revoked', async () => {
    await answerTo(await query('-sha256', '-cert'))
    const certificates = new Certificates(centre)
    const [first] = await certificates.list({ limit: 1 })
    const serial = first?.serial ?? ''
    await certificates.revoke('anna', serial, 'key-compromise')
    await answerTo(await query('-sha256', '-cert'))
    expect(await verify('-queryfile', 'query')).to.equal(null)
    await openssl.run('ts', '-reply', '-in', 'reply', '-token_out', '-out', 'token')
    await openssl.run('pkcs7', '-inform', 'DER', '-in', 'token', '-print_certs', '-out', 'tsa.pem')
    const shown = await openssl.run('x509', '-in', 'tsa.pem', '-noout', '-serial')
    expect(shown.toLowerCase()).to.not.contain(serial)
  })

  describe('that are refused say why', () => {
    const refusals: [string, string[], string][] = [
      ['a digest that collides', ['-sha1'], 'unrecognized or unsupported algorithm'],
      [
        'another policy',
        ['-sha256', '-tspolicy', '1.2.3.4'],
        'the requested TSA policy is not supported',
      ],
    ]
    for (const [what, options, words] of refusals) {
      it(what, async () => {
        const text = await answerTo(await query(...options))
        expect(text).to.contain('Status: Rejected').and.contain(words)
      })
    }

    it('bytes that are no query, one with a digest that is too short, and one that is too long', async () => {
      const good = await query('-sha256', '-no_nonce')
      const at = good.indexOf(0x20, 10)
      const short = Buffer.concat([good.subarray(0, at), Buffer.of(31), good.subarray(at + 1)])
      for (const bad of [Buffer.from('hello'), Buffer.alloc(0), short, Buffer.alloc(2000)]) {
        const text = await answerTo(bad)
        expect(text).to.contain('Rejected').and.contain('the data submitted has the wrong format')
      }
    })

    it('a clock that was set back', async () => {
      const asked = await query('-sha256')
      await answerTo(asked)
      centre.time.nowMs -= 1000
      expect(await answerTo(asked)).to.contain('Granted')
      centre.time.nowMs -= 10_000
      expect(await answerTo(asked)).to.contain("the TSA's time source is not available")
    })

    it('a sealed centre', async () => {
      const asked = await query('-sha256')
      centre.seal.seal()
      expect(await answerTo(asked)).to.contain('system failure')
    })
  })

  it('are answered to whatever is sent, and never for anything but what was asked', async () => {
    const asked = await query('-sha256', '-cert')
    const mutations = fc.array(
      fc.record({ at: fc.nat(asked.length - 1), byte: fc.integer({ min: 0, max: 255 }) }),
      { minLength: 1, maxLength: 4 },
    )
    await fc.assert(
      fc.asyncProperty(mutations, fc.nat(asked.length), async (changes, length) => {
        const sent = Uint8Array.from(asked)
        for (const { at, byte } of changes) sent[at] = byte
        for (const bytes of [sent, sent.subarray(0, length)]) {
          const answer = await timestamps.answer(bytes)
          const { status, timeStampToken } = AsnConvert.parse(answer, TimeStampResp)
          const isGranted = status.status === PKIStatus.granted
          expect(isGranted).to.equal(timeStampToken !== undefined)
          if (timeStampToken === undefined) continue
          const { messageImprint } = AsnConvert.parse(bytes, TimeStampReq)
          const digest = Buffer.from(messageImprint.hashedMessage.buffer)
          expect(Buffer.from(answer).includes(digest)).to.equal(true)
        }
      }),
      { numRuns: 100, seed: 5 },
    )
  })

  it('need an authority', async () => {
    const asked = await query('-sha256')
    expect(await codeOf(new Timestamps(await openTestCentre()).answer(asked))).to.equal('NOT_FOUND')
  })
})
