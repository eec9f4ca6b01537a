import { cp, rename, rm, writeFile } from 'node:fs/promises'
import { expect } from 'chai'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { readAudit } from '../audit/audit-log.ts'
import { ServedCentre } from '../testkit/served-centre.ts'
import { codeOf, policyFor } from '../testkit/test-centre.ts'

const LOG = { appId: 'voyage', keyId: 'log' }

describe('a store that is brought back while its centre is down', () => {
  let served: ServedCentre
  let shares: string[]

  /** The store of before the key was revoked takes the place of the present one. */
  beforeEach(async () => {
    served = await ServedCentre.start()
    shares = [await served.share(1), await served.share(2)]
    let administrator = await served.administrator()
    const app = { appId: 'voyage', policy: policyFor([]) }
    await administrator.ask(CENTRE_ROUTES.createApplication, { body: app })
    const body = { keyId: 'log', algorithm: 'aes-256-gcm' } as const
    await administrator.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'voyage' }, body })
    await served.halt()
    const { store } = served.home
    await cp(store, `${store}.old`, { recursive: true })
    await served.run({ shares })
    administrator = await served.administrator()
    await administrator.ask(CENTRE_ROUTES.revokeKey, { params: LOG })
    await served.halt()
    await rm(store, { recursive: true })
    await rename(`${store}.old`, store)
  })
  afterEach(() => served.stop())

  it('is refused by its centre, with shares at hand and when custodians come', async () => {
    expect(await codeOf(served.run({ shares }))).to.equal('STORE_ROLLED_BACK')
    await served.run()
    const [one, other] = [await served.custodian(1), await served.custodian(2)]
    await one.ask(CENTRE_ROUTES.unseal, { body: { share: shares[0]! } })
    const last = other.ask(CENTRE_ROUTES.unseal, { body: { share: shares[1]! } })
    expect(await codeOf(last)).to.equal('STORE_ROLLED_BACK')
    expect((await one.ask(CENTRE_ROUTES.status, {})).seal.state).to.equal('sealed')
  })

  it('is taken when somebody says so, which the log shows, and not asked for again', async () => {
    await served.run({ shares, acceptsRollback: true })
    const { store } = served.running.opened.centre
    const acts = (await Array.fromAsync(readAudit(store))).map((one) => decodeAuditEntry(one).act)
    expect(acts).to.include('centre.accept-rollback')
    await served.halt()
    expect((await served.run({ shares })).facts.seal.state).to.equal('unsealed')
  })

  it('is refused when what was seen of it cannot be read', async () => {
    await writeFile(served.home.lastSeen, '{}')
    expect(await codeOf(served.run({ shares }))).to.equal('CONFIG_INVALID')
  })
})
