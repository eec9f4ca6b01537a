import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { expect } from 'chai'
import { type RunningHttpServer, startHttpServer } from '@orlop/gateway/api/http-server'
import { TlsIdentity } from '@orlop/gateway/api/tls-identity'
import { issueIdentity } from '@orlop/kmc/service/issue-identity'
import { ServedCentre } from '@orlop/kmc/testkit/served-centre'
import { formatIdentity, type Identity } from '@orlop/protocol/centre/identity'
import { isOrlopError } from '@orlop/protocol/errors'
import type { Logger } from '@orlop/protocol/logger'

const HOST = '127.0.0.1'
const LOOK_MS = 20

describe('a gateway with a certificate of the centre', () => {
  let served: ServedCentre
  let folder: string
  let file: string
  let gateway: RunningHttpServer
  /** Resolves with the next thing that is logged. */
  let said: PromiseWithResolvers<string>
  const tell = (_fields: object, message: string) => {
    said.resolve(message)
  }
  const logger: Logger = { debug: tell, info: tell, warn: tell, error: tell, child: () => logger }

  before(async () => {
    served = await ServedCentre.start()
    folder = await mkdtemp(join(tmpdir(), 'orlop-gateway-tls-'))
    file = join(folder, 'shore.pem')
    await write(formatIdentity(await issue()))
    const tls = await TlsIdentity.open(file, logger, LOOK_MS)
    const place = { host: HOST, port: 0 }
    gateway = await startHttpServer((_request, response) => response.end('here'), place, tls)
  })
  after(async () => {
    await gateway.stop()
    await rm(folder, { recursive: true })
    await served.stop()
  })

  const issue = (): Promise<Identity> =>
    issueIdentity(served.running.opened.certificates, 'anna', {
      ...{ role: 'gateway', name: 'shore', hosts: [HOST] },
    })

  /** Replaces the file as a whole, as `kmc cert renew` does. */
  async function write(text: string): Promise<void> {
    said = Promise.withResolvers<string>()
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
  }

  /** Serial number of the certificate that somebody is shown who trusts the centre's authority. */
  async function serialShown(): Promise<string> {
    const { certificate: ca } = await served.running.opened.certificates.published()
    const authority = `-----BEGIN CERTIFICATE-----\n${Buffer.from(ca).toString('base64')}\n-----END CERTIFICATE-----\n`
    const socket = connect({ host: HOST, port: gateway.port, ca: authority })
    try {
      await once(socket, 'secureConnect')
      return socket.getPeerCertificate().serialNumber
    } finally {
      socket.destroy()
    }
  }

  it('is trusted by who trusts the authority, and shows a renewed one without a restart', async () => {
    expect(gateway.url).to.equal(`https://${HOST}:${gateway.port}/`)
    const first = await serialShown()
    await write(formatIdentity(await issue()))
    expect(await said.promise).to.equal('the gateway serves with a new certificate')
    const second = await serialShown()
    expect(second)
      .to.match(/^[0-9A-F]{32}$/)
      .and.not.equal(first)
  })

  it('serves on with the one before when the next cannot be read, and says so', async () => {
    const before = await serialShown()
    await write('no identity')
    expect(await said.promise).to.contain('cannot be read')
    expect(await serialShown()).to.equal(before)
  })

  it('does not begin without one that can be read', async () => {
    const error: unknown = await TlsIdentity.open(join(folder, 'nothing.pem'), logger).catch(
      (caught: unknown) => caught,
    )
    expect(isOrlopError(error) && error.code).to.equal('CONFIG_INVALID')
  })
})
