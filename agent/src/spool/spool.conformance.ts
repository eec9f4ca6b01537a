import { expect } from 'chai'
import type { Importance } from '@orlop/protocol/data-classes'
import type { FoundFile, Spool, SpoolItem, Urgency } from './spool.ts'

const as = (importance: Importance): Urgency => ({ importance, lane: 'normal' })
/** Everybody has an equal turn. */
const anyone = () => 0

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
      expect(await spool.add(file('plan.txt'), as('critical'), 1)).to.equal(true)
      expect(await spool.add(file('plan.txt'), as('critical'), 2)).to.equal(false)
      expect(
        await spool.add({ ...file('plan.txt'), modifiedMs: 2_000 }, as('critical'), 3),
      ).to.equal(true)
      expect(await collect(spool)).to.have.length(2)
    })

    it('gives what matters more first, then the older', async () => {
      await spool.add(file('routine-old'), as('routine'), 1)
      await spool.add(file('critical-new'), as('critical'), 4)
      await spool.add(file('critical-old'), as('critical'), 2)
      await spool.add(file('important'), as('important'), 3)
      const order: string[] = []
      for (let item = await spool.next(anyone); item !== null; item = await spool.next(anyone)) {
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

    it('goes by lane among what matters as much, even before what was begun', async () => {
      const lanes = ['bulk', 'normal', 'urgent'] as const
      for (const [time, lane] of lanes.entries()) {
        await spool.add(file(lane), { importance: 'routine', lane }, time)
      }
      await spool.add(file('important, bulk'), { importance: 'important', lane: 'bulk' }, 9)
      const bulk = (await collect(spool)).find(({ path }) => path === '/ship/bulk')
      await spool.update(bulk!.key, { state: 'storing' })
      const order: string[] = []
      for (let item = await spool.next(anyone); item !== null; item = await spool.next(anyone)) {
        order.push(item.path)
        await spool.update(item.key, { state: 'stored' })
      }
      const names = ['important, bulk', 'urgent', 'normal', 'bulk']
      expect(order).to.deep.equal(names.map((name) => `/ship/${name}`))
    })

    it('goes on with what was begun before others that matter as much, but lets what matters more pass', async () => {
      await spool.add(file('older'), as('routine'), 1)
      await spool.add(file('begun'), as('routine'), 2)
      const items = await collect(spool)
      const begun = items.find((item) => item.path === '/ship/begun')
      await spool.update(begun!.key, { state: 'storing' })
      expect((await spool.next(anyone))?.path).to.equal('/ship/begun')
      await spool.add(file('urgent'), as('critical'), 3)
      expect((await spool.next(anyone))?.path).to.equal('/ship/urgent')
    })

    it('offers what has failed last among equals, and nothing when all is done', async () => {
      await spool.add(file('bad'), as('critical'), 1)
      await spool.add(file('good'), as('critical'), 2)
      const bad = await spool.next(anyone)
      await spool.update(bad!.key, { state: 'failed' })
      const good = await spool.next(anyone)
      expect(good?.path).to.equal('/ship/good')
      await spool.update(good!.key, { state: 'stored' })
      expect((await spool.next(anyone))?.key).to.equal(bad!.key)
      await spool.update(bad!.key, { state: 'replaced' })
      expect(await spool.next(anyone)).to.equal(null)
    })

    it('goes by rank before importance, and keeps back what has none', async () => {
      await spool.add(file('critical'), as('critical'), 1)
      await spool.add(file('routine'), as('routine'), 2)
      const routineFirst = ({ importance }: SpoolItem) => (importance === 'routine' ? 0 : 1)
      expect((await spool.next(routineFirst))?.importance).to.equal('routine')
      const onlyCritical = ({ importance }: SpoolItem) => (importance === 'critical' ? 1 : null)
      expect((await spool.next(onlyCritical))?.importance).to.equal('critical')
      expect(await spool.next(() => null)).to.equal(null)
    })

    it('forgets what it is told to, and takes the same file on anew', async () => {
      await spool.add(file('old'), as('routine'), 1)
      await spool.add(file('new'), as('routine'), 2)
      const old = await spool.next(anyone)
      await spool.delete([old!.key, 'nothing'])
      expect((await collect(spool)).map(({ path }) => path)).to.deep.equal(['/ship/new'])
      expect(spool.summary().counts.queued).to.equal(1)
      expect(spool.summary().recent.map(({ path }) => path)).to.deep.equal(['/ship/new'])
      expect(await spool.add(file('old'), as('routine'), 3)).to.equal(true)
    })

    it('counts every state and shows the newest hundred, the newest first', async () => {
      for (let time = 1; time <= 103; time++) await spool.add(file(`${time}`), as('routine'), time)
      const first = await spool.next(anyone)
      await spool.update(first!.key, { state: 'failed' })
      const last = (await collect(spool)).at(-1)
      await spool.update(last!.key, { state: 'recorded' })
      const { counts, recent } = spool.summary()
      expect(counts).to.deep.equal({
        queued: 101,
        storing: 0,
        stored: 0,
        recorded: 1,
        failed: 1,
        replaced: 0,
      })
      const expected = Array.from({ length: 100 }, (_, index) => `/ship/${103 - index}`)
      expect(recent.map(({ path }) => path)).to.deep.equal(expected)
      expect(recent[0]?.state).to.equal('recorded')
    })

    it('takes a file on once that is found twice at the same time', async () => {
      const found = [1, 2].map((time) => spool.add(file('plan.txt'), as('critical'), time))
      expect(await Promise.all(found)).to.deep.equal([true, false])
      expect(spool.summary().counts.queued).to.equal(1)
    })

    it('keeps every field of a change', async () => {
      await spool.add(file('a'), as('routine'), 7)
      const item = await spool.next(anyone)
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
