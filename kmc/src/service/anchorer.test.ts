import { cp, rename, rm } from 'node:fs/promises'
import { expect } from 'chai'
import { type AnchorRecord, readAnchors } from '@orlop/contracts/anchors'
import { AnvilProcess } from '@orlop/contracts/embedded/anvil-process'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { destructionSubject } from '../audit/anchoring.ts'
import { decodeAuditEntry, encodeAuditEntry, hashAuditEntry } from '../audit/audit-entry.ts'
import { auditHead, readAudit } from '../audit/audit-log.ts'
import { verifyAnchoredAudit } from '../audit/verify-anchored-audit.ts'
import type { CentreClient } from '../client/centre-client.ts'
import { destructionDigest } from '../keys/destruction.ts'
import { ServedCentre } from '../testkit/served-centre.ts'
import { codeOf, policyFor } from '../testkit/test-centre.ts'
import type { RunCentreOptions } from './run-centre.ts'

const LOG = { appId: 'voyage', keyId: 'log' }

describe('the anchors of a centre', () => {
  let anvil: AnvilProcess
  let served: ServedCentre
  let administrator: CentreClient

  before(async () => {
    anvil = await AnvilProcess.start()
  })
  after(() => anvil.stop())

  beforeEach(async () => {
    served = await ServedCentre.start({ rpcUrl: anvil.rpcUrl })
    administrator = await served.administrator()
  })
  afterEach(() => served.stop())

  const centre = () => served.running.opened.centre
  const entries = () => Array.fromAsync(readAudit(centre().store))
  const anchors = (): Promise<AnchorRecord[]> =>
    readAnchors({ rpcUrl: anvil.rpcUrl, account: centre().seal.record.signer })

  async function verify(shown: Uint8Array[], found: AnchorRecord[]) {
    const { centreId } = centre().seal
    return verifyAnchoredAudit({ entries: shown, centreId, anchors: found, head: null })
  }

  it('prove how far its log went, whoever reads them', async () => {
    const { count } = await administrator.ask(CENTRE_ROUTES.anchor, {})
    const body = { appId: 'voyage', policy: policyFor([]) }
    await administrator.ask(CENTRE_ROUTES.createApplication, { body })
    expect(await verify(await entries(), await anchors())).to.deep.equal({
      goodCount: count + 1,
      anchoredCount: count,
      otherLogs: 0,
    })
  })

  it('have a destruction with its statement, and what is anchored again has nothing new', async () => {
    const body = { appId: 'voyage', policy: policyFor([]) }
    await administrator.ask(CENTRE_ROUTES.createApplication, { body })
    const key = { keyId: 'log', algorithm: 'aes-256-gcm' } as const
    await administrator.ask(CENTRE_ROUTES.generateKey, { params: { appId: 'voyage' }, body: key })
    await administrator.ask(CENTRE_ROUTES.revokeKey, { params: LOG })
    const { isAnchored, ...statement } = await administrator.ask(CENTRE_ROUTES.destroyKey, {
      params: LOG,
    })
    expect(isAnchored).to.equal(true)
    const [first, second] = await anchors()
    expect(first).to.deep.include({
      subject: destructionSubject(statement.centreId),
      digest: destructionDigest(statement),
    })
    const { count, hash } = await auditHead(centre().rows)
    expect(second).to.deep.include({ number: count, digest: hash })
    await served.running.opened.anchorer.keepUp()
    expect(await anchors()).to.have.length(2)
  })

  it('find a log that was cut short, edited and written anew from there, or begun anew', async () => {
    await administrator.ask(CENTRE_ROUTES.anchor, {})
    const [whole, found] = [await entries(), await anchors()]
    expect(await codeOf(verify(whole.slice(0, -1), found))).to.equal('AUDIT_BAD')
    const anew = whole.slice(0, 2)
    for (const bytes of whole.slice(2)) {
      const previous = hashAuditEntry(anew.at(-1)!)
      anew.push(encodeAuditEntry({ ...decodeAuditEntry(bytes), actor: 'bert', previous }))
    }
    expect(await codeOf(verify(anew, []))).to.equal(null)
    expect(await codeOf(verify(anew, found))).to.equal('AUDIT_BAD')
    const first = encodeAuditEntry({ ...decodeAuditEntry(whole[0]!), actor: 'bert' })
    const begun: unknown = await verify([first], found).catch((error: unknown) => error)
    expect(begun).to.deep.include({ code: 'AUDIT_BAD', details: { otherLogs: 1 } })
  })

  it('show a centre that starts that its store was brought back, when its home was too', async () => {
    await served.halt()
    const { store, lastSeen } = served.home
    await cp(store, `${store}.old`, { recursive: true })
    const shares = [await served.share(1), await served.share(2)]
    await served.run({ shares, rpcUrl: anvil.rpcUrl })
    administrator = await served.administrator()
    await administrator.ask(CENTRE_ROUTES.anchor, {})
    await served.halt()
    await rm(store, { recursive: true })
    await rename(`${store}.old`, store)
    await rm(lastSeen)
    const start = (options: Partial<RunCentreOptions>) =>
      codeOf(served.run({ shares, rpcUrl: anvil.rpcUrl, ...options }))
    expect(await start({})).to.equal('STORE_ROLLED_BACK')
    expect(await start({ acceptsRollback: true })).to.equal(null)
  })

  it('wait where there is no ledger, or it is away; the centre does its work', async () => {
    await served.halt()
    const shares = [await served.share(1), await served.share(2)]
    await served.run({ shares, rpcUrl: 'http://127.0.0.1:9/' })
    const { anchorer } = served.running.opened
    const statement = {
      ...{ centreId: centre().seal.centreId, ...LOG, versions: 1, destroyedAtMs: 1 },
      signature: new Uint8Array(64),
    }
    expect(await anchorer.tryAnchor(statement)).to.equal(false)
    const meanwhile = await served.administrator()
    const refused = await codeOf(meanwhile.ask(CENTRE_ROUTES.anchor, {}))
    expect(refused).to.equal('LEDGER_UNREACHABLE')
    await served.halt()
    await served.run({ shares })
    const again = await served.administrator()
    expect(await codeOf(again.ask(CENTRE_ROUTES.anchor, {}))).to.equal('CONFIG_INVALID')
  })
})
