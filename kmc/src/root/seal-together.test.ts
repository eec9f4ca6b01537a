import { expect } from 'chai'
import { appendAudit, lastAuditNumber } from '../audit/audit-log.ts'
import { composeCentre } from '../centre.ts'
import { Keys } from '../keys/keys.ts'
import { codeOf, openTestCentre } from '../testkit/test-centre.ts'
import { Seal } from './seal.ts'
import { SEAL_ACT, SealTogether } from './seal-together.ts'

describe('replicas that are sealed together', () => {
  it('forget their keys when one of them is sealed, and are unsealed one by one', async () => {
    const first = await openTestCentre()
    const seal = new Seal(first.record)
    const unseal = async () => {
      for (const share of first.shares.slice(0, 2)) await seal.submit(share)
    }
    const second = composeCentre({ ...first, seal })
    await unseal()
    const sealed: PromiseWithResolvers<string>[] = []
    const together = new SealTogether(second, (actor) => sealed.at(-1)?.resolve(actor))
    const order = () =>
      first.rows.update((draft) =>
        appendAudit(draft, { timeMs: 1, actor: 'admin', act: SEAL_ACT, details: {} }),
      )
    for (let round = 0; round < 2; round++) {
      sealed.push(Promise.withResolvers())
      await together.start(await lastAuditNumber(first.store))
      expect(seal.status.state).to.equal('unsealed')
      await order()
      expect(await sealed.at(-1)?.promise).to.equal('admin')
      const listing = new Keys(second).list('voyage', { limit: 1 })
      expect(await codeOf(listing)).to.equal('CENTRE_SEALED')
      await unseal()
    }
    await together.stop()
    await order()
    expect(seal.status.state).to.equal('unsealed')
    const before = (await lastAuditNumber(first.store)) - 1
    sealed.push(Promise.withResolvers())
    await together.start(before)
    await sealed.at(-1)?.promise
    expect(seal.status.state, 'sealed while its unsealing was under way').to.equal('sealed')
    await together.stop()
    await unseal()
    await order()
    expect(seal.status.state).to.equal('unsealed')
  })
})
