import { X509Certificate } from 'node:crypto'
import { expect } from 'chai'
import { RenewingLink } from '@orlop/client-sdk/application-keys/renewing-link'
import { ServedCentre } from '@orlop/kmc/testkit/served-centre'
import type { Identity } from '@orlop/protocol/centre/identity'
import { STATUS_PATH } from '@orlop/protocol/centre/release'

const DAY_MS = 24 * 60 * 60 * 1000
const STATUS = { method: 'get', path: STATUS_PATH, body: null } as const

describe('the certificate of a client of a centre', () => {
  let served: ServedCentre
  let identity: Identity
  const links: RenewingLink[] = []

  before(async () => {
    served = await ServedCentre.start()
    // Good for 90 days.
    identity = await served.identity('application', 'voyage')
  })
  after(async () => {
    for (const link of links) link.close()
    await served.stop()
  })

  /** A client whose clock is ahead of the centre's, and what it kept. */
  function linkAt(days: { ahead: number }, keep?: (identity: Identity) => Promise<void>) {
    const kept: Identity[] = []
    const link = new RenewingLink({
      url: served.running.facts.url,
      identity,
      clock: { nowMs: () => Date.now() + days.ahead * DAY_MS, monotonicMs: () => 0 },
      onRenewed:
        keep ??
        ((renewed) => {
          kept.push(renewed)
          return Promise.resolve()
        }),
    })
    links.push(link)
    return { link, kept }
  }

  const serialOf = ({ certificate }: Identity) => new X509Certificate(certificate).serialNumber

  it('is renewed in the last third of its life, once, by itself, for the same key, without a break', async () => {
    const days = { ahead: 55 }
    const { link, kept } = linkAt(days)
    expect((await link.send(STATUS)).status).to.equal(200)
    expect(kept).to.have.length(0)
    days.ahead = 65
    const answers = await Promise.all([1, 2, 3].map(() => link.send(STATUS)))
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200])
    const [renewed] = kept
    expect(kept).to.have.length(1)
    expect(renewed?.privateKey).to.equal(identity.privateKey)
    await served.running.opened.certificates.revoke(
      'anna',
      serialOf(renewed as Identity).toLowerCase(),
      'unspecified',
    )
    // It is the renewed one that is shown from now on.
    expect((await link.send(STATUS)).text).to.contain('revoked')
    expect((await linkAt({ ahead: 0 }).link.send(STATUS)).status).to.equal(200)
  })

  it('is used on while it cannot be renewed or kept, and that is tried again after an hour', async () => {
    let tries = 0
    const days = { ahead: 70 }
    const { link } = linkAt(days, () => {
      tries++
      return Promise.reject(new Error('the disk is full'))
    })
    for (const ahead of [70, 70, 70 + 2 / 24]) {
      days.ahead = ahead
      expect((await link.send(STATUS)).status).to.equal(200)
    }
    expect(tries).to.equal(2)
  })
})
