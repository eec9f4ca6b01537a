import { expect } from 'chai'
import { formatShare } from '@orlop/crypto/thresholds/share-text'
import { silentLogger } from '@orlop/protocol/logger'
import { decodeAuditEntry } from '../audit/audit-entry.ts'
import { appendAudit, auditHead, readAudit } from '../audit/audit-log.ts'
import { KmcError } from '../kmc-error.ts'
import { codeOf, openTestCentre, type TestCentre } from '../testkit/test-centre.ts'
import { Custody } from './custody.ts'

const WITHOUT_CARD = {
  keepOnCard: () => Promise.resolve(),
  onSealRecorded: () => Promise.resolve(),
  forgetOnCard: () => Promise.resolve(true),
}

describe('custody of a centre', () => {
  let centre: TestCentre
  let unsealings: string[]
  let custody: Custody
  /** What beginning to work fails with; null when it does not. */
  let failure: Error | null

  beforeEach(async () => {
    centre = await openTestCentre()
    unsealings = []
    failure = null
    const onUnsealed = (actor: string) => {
      unsealings.push(actor)
      return failure === null ? Promise.resolve() : Promise.reject(failure)
    }
    custody = new Custody({ ...WITHOUT_CARD, centre, logger: silentLogger, onUnsealed })
  })

  const share = (index: number) => formatShare(centre.shares[index - 1]!)
  const state = () => centre.seal.status.state

  async function acts(): Promise<string[]> {
    const entries = await Array.fromAsync(readAudit(centre.store))
    return entries.map(decodeAuditEntry).map(({ act, actor }) => `${act} by ${actor}`)
  }

  it('begins once for shares that come at the same moment, and writes down who gave them', async () => {
    await custody.seal('anna')
    await Promise.all([1, 2, 3].map((index) => custody.give(share(index), `carla-${index}`)))
    expect(unsealings).to.deep.equal(['carla-2'])
    expect(await acts()).to.deep.equal(['centre.seal by anna', 'centre.unseal by carla-2'])
  })

  it('stays sealed when it cannot begin its work, and unseals when it can', async () => {
    await custody.seal('anna')
    failure = new KmcError('ROW_TAMPERED', 'somebody changed a row')
    await custody.give(share(1), 'carla')
    expect(await codeOf(custody.give(share(2), 'dora'))).to.equal('ROW_TAMPERED')
    expect(state()).to.equal('sealed')
    failure = null
    await custody.give(share(3), 'carla')
    expect((await custody.give(share(2), 'dora')).state).to.equal('unsealed')
  })

  it('seals also when the store takes no entry any more', async () => {
    centre.store.transact = () => Promise.reject(new KmcError('STORE_FAILED', 'the disk is gone'))
    expect((await custody.seal('anna')).state).to.equal('sealed')
    expect(await codeOf(centre.keys.get({ appId: 'voyage', keyId: 'log' }))).to.equal(
      'CENTRE_SEALED',
    )
  })

  it('does not keep its keys for a store that does not answer, and says that nobody else was told', async () => {
    centre.store.transact = () => new Promise(() => undefined)
    custody = new Custody({
      ...{ ...WITHOUT_CARD, centre, logger: silentLogger, onUnsealed: () => Promise.resolve() },
      sealTimeoutMs: 10,
    })
    const sealed = await custody.seal('anna')
    expect([sealed.state, sealed.isRecorded]).to.deep.equal(['sealed', false])
    expect(() => centre.seal.keys).to.throw()
  })

  it('says whether the log has it, by which other replicas hear of it', async () => {
    expect((await custody.seal('anna')).isRecorded).to.equal(true)
    expect((await custody.seal('anna')).isRecorded, 'sealed before').to.equal(false)
  })

  it('tells where the log ended before the keys were there, when it is sealed elsewhere meanwhile', async () => {
    const order = { timeMs: 1, actor: 'bert', act: 'centre.seal', details: {} }
    const known = (await auditHead(centre.rows)).count
    const heard: number[] = []
    custody = new Custody({
      ...{ ...WITHOUT_CARD, centre, logger: silentLogger },
      onUnsealed: async (_, lastEntry) => {
        await centre.rows.update((draft) => appendAudit(draft, order))
        heard.push(lastEntry)
      },
    })
    await custody.seal('anna')
    await custody.give(share(1), 'carla')
    await custody.give(share(2), 'dora')
    expect(heard).to.deep.equal([known + 1])
  })

  it('forgets the shares of before when it is sealed in the middle', async () => {
    await custody.seal('anna')
    await custody.give(share(1), 'carla')
    await custody.seal('anna')
    expect((await custody.give(share(2), 'dora')).given).to.deep.equal([2])
  })

  it('repeats nothing of a share that it cannot read', async () => {
    const text = share(1).slice(0, -6)
    const error: unknown = await custody.give(text, 'carla').catch((reason: unknown) => reason)
    expect(error).to.deep.include({ code: 'SHARE_REFUSED', details: { reason: 'unreadable' } })
    const { message, cause, stack } = error as Error
    expect(JSON.stringify([message, String(cause), stack])).to.not.contain(text.slice(20, 40))
  })
})
