import { expect } from 'chai'
import type { FoundFile, Spool, SpoolItem } from './spool.ts'

const file = (name: string): FoundFile => ({
  path: `/ship/${name}`,
  sizeBytes: 10,
  modifiedMs: 1_000,
})

async function collect(spool: Spool): Promise<SpoolItem[]> {
  const items: SpoolItem[] = []
  for await (const item of spool.all()) items.push(item)
  return items
}

/** What every spool does. `reopen` closes and opens again where the spool outlives its process. */
export function spoolConformance(
  name: string,
  setup: () => Promise<{ spool: Spool; teardown: () => Promise<void> }>,
): void {
  describe(`${name} as a spool`, () => {
    let spool: Spool
    let teardown: () => Promise<void>
    beforeEach(async () => {
      ;({ spool, teardown } = await setup())
    })
    afterEach(() => teardown())

    it('takes the same file on once, and a changed one again', async () => {
      expect(await spool.add(file('plan.txt'), 'critical', 1)).to.equal(true)
      expect(await spool.add(file('plan.txt'), 'critical', 2)).to.equal(false)
      expect(await spool.add({ ...file('plan.txt'), modifiedMs: 2_000 }, 'critical', 3)).to.equal(
        true,
      )
      expect(await collect(spool)).to.have.length(2)
    })

    it('gives what matters more first, then the older', async () => {
      await spool.add(file('routine-old'), 'routine', 1)
      await spool.add(file('critical-new'), 'critical', 4)
      await spool.add(file('critical-old'), 'critical', 2)
      await spool.add(file('important'), 'important', 3)
      const order: string[] = []
      for (let item = await spool.next(); item !== null; item = await spool.next()) {
        order.push(item.path)
        await spool.update(item.key, { state: 'stored' })
      }
      expect(order).to.deep.equal([
        '/ship/critical-old',
        '/ship/critical-new',
        '/ship/important',
        '/ship/routine-old',
      ])
    })

    it('goes on with what was begun before others that matter as much, but lets what matters more pass', async () => {
      await spool.add(file('older'), 'routine', 1)
      await spool.add(file('begun'), 'routine', 2)
      const items = await collect(spool)
      const begun = items.find((item) => item.path === '/ship/begun')
      await spool.update(begun!.key, { state: 'storing' })
      expect((await spool.next())?.path).to.equal('/ship/begun')
      await spool.add(file('urgent'), 'critical', 3)
      expect((await spool.next())?.path).to.equal('/ship/urgent')
    })

    it('offers nothing that has failed for good, and says nothing waits when all is done', async () => {
      await spool.add(file('bad'), 'critical', 1)
      const item = await spool.next()
      await spool.update(item!.key, {
        state: 'failed',
        failure: { code: 'POLICY_INVALID', message: 'no', atMs: 1 },
      })
      expect(await spool.next()).to.equal(null)
    })

    it('keeps every field of a change', async () => {
      await spool.add(file('a'), 'routine', 7)
      const item = await spool.next()
      const stored = {
        objectId: 'orlop:x',
        sealedBytes: 5,
        wireBytes: { sentBytes: 6, receivedBytes: 7 },
        ingress: { nodeId: 1, name: 'A01' },
      }
      const change = { state: 'recorded', stored, attempts: 3 } as const
      const changed = await spool.update(item!.key, change)
      expect(changed).to.deep.equal({ ...item, ...change })
      expect(await collect(spool)).to.deep.equal([changed])
    })

    it('refuses to change what it does not have', async () => {
      let failure: unknown
      await spool
        .update('nothing', { state: 'stored' })
        .catch((error: unknown) => (failure = error))
      expect(failure).to.be.instanceOf(RangeError)
    })
  })
}
