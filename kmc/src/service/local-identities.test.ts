import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { formatIdentity, parseIdentity } from '@orlop/protocol/centre/identity'
import { isOrlopError } from '@orlop/protocol/errors'
import { Certificates } from '../certificates/certificates.ts'
import { daysInMs } from '../certificates/certificate-roles.ts'
import { openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import { KmcHome } from './kmc-home.ts'
import { LocalIdentities } from './local-identities.ts'

describe('identities in the home of a centre', () => {
  let folder: string
  let centre: TestCentre

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'okmc-'))
    centre = await openTestCentre()
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const home = () => new KmcHome(folder)
  const identities = (hosts = ['localhost', '127.0.0.1']) =>
    new LocalIdentities({
      home: home(),
      certificates: new Certificates(centre),
      clock: centre.clock,
      hosts,
    })
  const serialOf = (certificate: string) => new X509Certificate(certificate).serialNumber

  it('of the server are kept, and renewed in time, for another name, and when damaged', async () => {
    const first = await identities().settleServer()
    expect(await identities().settleServer()).to.deep.equal(first)
    const named = await identities(['keys.fleet.example', '127.0.0.1']).settleServer()
    expect(new X509Certificate(named.certificate).checkHost('keys.fleet.example')).to.equal(
      'keys.fleet.example',
    )
    centre.time.nowMs += daysInMs(398 - 29)
    const renewed = await identities(['127.0.0.1']).settleServer()
    expect(serialOf(renewed.certificate)).to.not.equal(serialOf(named.certificate))
    await writeFile(home().serverIdentity, 'nonsense')
    const anew = await identities(['127.0.0.1']).settleServer()
    expect(serialOf(anew.certificate)).to.not.equal(serialOf(renewed.certificate))
  })

  it('of a sealed centre are served with as long as they are good, and there is none before the first', async () => {
    expect(await identities().server()).to.equal(null)
    const made = await identities().settleServer()
    centre.seal.seal()
    expect(await identities().server()).to.deep.equal(made)
    centre.time.nowMs += daysInMs(399)
    expect(await identities().server()).to.equal(null)
  })

  it('of the administrator are made when missing or near their end only', async () => {
    expect(await identities().settleAdministrator()).to.equal(true)
    expect(await identities().settleAdministrator()).to.equal(false)
    centre.time.nowMs += daysInMs(398 - 6)
    expect(await identities().settleAdministrator()).to.equal(true)
    await rm(home().administratorIdentity)
    expect(await identities().settleAdministrator()).to.equal(true)
  })

  it('are read back from their text, and refused without a word of it when anything is missing or foreign', async () => {
    await identities().settleAdministrator()
    await identities().settleServer()
    const text = await readFile(home().administratorIdentity, 'utf8')
    const own = parseIdentity(text, 'own.pem')
    expect(formatIdentity(own)).to.equal(text)
    const server = parseIdentity(await readFile(home().serverIdentity, 'utf8'), 'server.pem')
    for (const bad of [
      '',
      text.replace('PRIVATE KEY', 'PUBLIC KEY'),
      text.slice(0, -200),
      formatIdentity({ ...own, privateKey: server.privateKey }),
      formatIdentity({ ...own, authority: own.certificate }),
    ]) {
      const parse = () => parseIdentity(bad, 'bad.pem')
      expect(parse).to.throw(/^bad\.pem is no identity: [a-zA-Z ,':]+\.$/)
      try {
        parse()
      } catch (error) {
        expect(isOrlopError(error, 'CONFIG_INVALID')).to.equal(true)
      }
    }
  })
})
