import { expect } from 'chai'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import type { KmcError } from '../kmc-error.ts'
import type { KeyStore, StoreEvent } from './key-store.ts'

const bytes = encodeUtf8
const put = (key: string, value: string) => ({ type: 'put', key, value: bytes(value) }) as const

/** Follows a watch for a test. */
function follow() {
  const seen: StoreEvent[] = []
  const lost = Promise.withResolvers<KmcError>()
  let wake = () => {}
  return {
    changed: (event: StoreEvent) => {
      seen.push(event)
      wake()
    },
    lost: lost.resolve,
    loss: lost.promise,
    /** All events, once there are so many. */
    async events(count: number): Promise<StoreEvent[]> {
      while (seen.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return [...seen]
    },
  }
}

/** What every store of the centre does. @param setup - gives an open, empty one, and a way to open it again after it was closed. */
export function keyStoreConformance(
  name: string,
  setup: () => Promise<{ store: KeyStore; reopen: (() => Promise<KeyStore>) | null }>,
): void {
  describe(`key store: ${name}`, () => {
    let store: KeyStore
    let reopen: (() => Promise<KeyStore>) | null

    beforeEach(async () => ({ store, reopen } = await setup()))
    afterEach(() => store.close())

    it('gives back what was put, with the revision that put it, and null for the rest', async () => {
      const first = await store.transact({ conditions: [], changes: [put('a', 'one')] })
      const second = await store.transact({
        conditions: [],
        changes: [put('b', ''), put('c', 'x')],
      })
      expect(second).to.equal((first ?? 0) + 1)
      expect(await store.getMany(['c', 'nothing', 'a', 'b'])).to.deep.equal([
        { key: 'c', value: bytes('x'), revision: second },
        null,
        { key: 'a', value: bytes('one'), revision: first },
        { key: 'b', value: bytes(''), revision: second },
      ])
      expect(await store.get('nothing')).to.equal(null)
    })

    it('changes all or nothing: one condition that does not hold stops every change', async () => {
      const revision = await store.transact({
        conditions: [],
        changes: [put('a', '1'), put('b', '1')],
      })
      const wrong = [
        { key: 'a', revision: revision! },
        { key: 'b', revision: revision! + 1 },
      ]
      const changes = [put('a', '2'), { type: 'delete', key: 'b' } as const, put('new', '2')]
      expect(await store.transact({ conditions: wrong, changes })).to.equal(null)
      expect((await store.get('a'))?.value).to.deep.equal(bytes('1'))
      expect((await store.get('b'))?.revision).to.equal(revision)
      expect(await store.get('new')).to.equal(null)
      const right = wrong.map(({ key }) => ({ key, revision: revision! }))
      expect(await store.transact({ conditions: right, changes })).to.equal(revision! + 1)
      expect(await store.get('b')).to.equal(null)
    })

    it('takes revision 0 for a row that is not there, also after it was deleted', async () => {
      const absent = [{ key: 'a', revision: 0 }]
      expect(await store.transact({ conditions: absent, changes: [put('a', '1')] })).to.not.equal(
        null,
      )
      expect(await store.transact({ conditions: absent, changes: [put('a', '2')] })).to.equal(null)
      await store.transact({ conditions: [], changes: [{ type: 'delete', key: 'a' }] })
      expect(await store.transact({ conditions: absent, changes: [put('a', '3')] })).to.not.equal(
        null,
      )
    })

    it('lets exactly one of many writers win who saw the same revision', async () => {
      const seen = await store.transact({ conditions: [], changes: [put('a', '0')] })
      const conditions = [{ key: 'a', revision: seen! }]
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          store.transact({ conditions, changes: [put('a', String(at))] }),
        ),
      )
      expect(results.filter((result) => result !== null)).to.have.length(1)
    })

    it('reads many keys as they were at one moment', async () => {
      const keys = ['a', 'b', 'c']
      const write = (value: string) =>
        store.transact({ conditions: [], changes: keys.map((key) => put(key, value)) })
      await write('0')
      const writing = Array.from({ length: 50 }, (_, at) => write(String(at)))
      const reading = Array.from({ length: 50 }, () => store.getMany(keys))
      for (const rows of await Promise.all(reading)) {
        expect(new Set(rows.map((row) => row?.revision)).size).to.equal(1)
      }
      await Promise.all(writing)
    })

    it('shows one moment through a snapshot, whatever is changed meanwhile', async () => {
      const made = await store.transact({ conditions: [], changes: [put('a', '1'), put('b', '1')] })
      const snapshot = await store.snapshot()
      const changes = [put('a', '2'), put('c', '2'), { type: 'delete', key: 'b' } as const]
      await store.transact({ conditions: [], changes })
      expect(await snapshot.getMany(['a', 'b', 'c'])).to.deep.equal([
        { key: 'a', value: bytes('1'), revision: made },
        { key: 'b', value: bytes('1'), revision: made },
        null,
      ])
      const [a, b] = await store.getMany(['a', 'b'])
      expect([a?.value, b]).to.deep.equal([bytes('2'), null])
      await snapshot.close()
    })

    it('pages through a prefix in the order of UTF-8 bytes, and no further', async () => {
      const keys = ['k/a', 'k/b', 'k/b/c', 'k/é', 'k/船']
      for (const key of [...keys.toReversed(), 'j/z', 'k', 'l']) {
        await store.transact({ conditions: [], changes: [put(key, key)] })
      }
      const found: string[] = []
      for (;;) {
        const after = found.at(-1)
        const page = await store.list({
          prefix: 'k/',
          limit: 2,
          ...(after === undefined ? {} : { after }),
        })
        if (page.length === 0) break
        expect(page.length).to.be.at.most(2)
        found.push(...page.map(({ key }) => key))
      }
      expect(found).to.deep.equal(keys)
    })

    it('tells those who watch, in order, what changed under their prefix, until they stop', async () => {
      const [early, late] = [follow(), follow()]
      const watch = await store.watch('k/', early)
      await store.watch('k/', late)
      const first = await store.transact({
        conditions: [],
        changes: [put('k/a', '1'), put('x', '1')],
      })
      await store.transact({ conditions: [], changes: [put('x', '2')] })
      const third = await store.transact({
        conditions: [],
        changes: [{ type: 'delete', key: 'k/a' }],
      })
      const expected = [
        { revision: first, changes: [put('k/a', '1')] },
        { revision: third, changes: [{ type: 'delete', key: 'k/a' }] },
      ]
      expect(await early.events(2)).to.deep.equal(expected)
      watch.stop()
      const last = await store.transact({ conditions: [], changes: [put('k/b', '1')] })
      expect(await late.events(3)).to.deep.equal([
        ...expected,
        { revision: last, changes: [put('k/b', '1')] },
      ])
      expect(await early.events(2)).to.have.length(2)
    })

    it('says to those who watch that they hear no more when it is closed', async () => {
      const [stopped, going] = [follow(), follow()]
      const watch = await store.watch('k/', stopped)
      await store.watch('k/', going)
      watch.stop()
      await store.close()
      expect(await going.loss).to.include({ code: 'STORE_CLOSED' })
      expect(await Promise.race([stopped.loss, Promise.resolve('nothing')])).to.equal('nothing')
      const late = await store.watch('k/', stopped).catch((error: unknown) => error)
      expect(late).to.include({ code: 'STORE_CLOSED' })
    })

    it('keeps values as they were when they were written', async () => {
      const value = new Uint8Array([1, 2, 3])
      const writing = store.transact({
        conditions: [],
        changes: [{ type: 'put', key: 'a', value }],
      })
      await writing
      value.fill(0)
      const found = await store.get('a')
      found?.value.fill(9)
      expect((await store.get('a'))?.value).to.deep.equal(new Uint8Array([1, 2, 3]))
    })

    it('refuses what etcd would refuse: a key twice, too many parts, too many bytes, nothing', async () => {
      const many = Array.from({ length: 129 }, (_, at) => put(String(at), ''))
      const large = { type: 'put', key: 'a', value: new Uint8Array(1024 * 1024 + 1) } as const
      for (const changes of [[put('a', '1'), put('a', '2')], many, [large], []]) {
        const error = await store.transact({ conditions: [], changes }).catch((e: unknown) => e)
        expect(error).to.be.instanceOf(RangeError)
      }
      expect(await store.list({ prefix: '', limit: 1 })).to.deep.equal([])
    })

    it('says that it is closed', async () => {
      await store.close()
      expect(await store.get('a').catch((error: unknown) => error)).to.include({
        code: 'STORE_CLOSED',
      })
    })

    it('has everything after it was closed and opened again, and goes on counting', async function () {
      if (reopen === null) return
      const before = await store.transact({ conditions: [], changes: [put('a', '1')] })
      await store.close()
      store = await reopen()
      expect(await store.get('a')).to.deep.equal({ key: 'a', value: bytes('1'), revision: before })
      expect(await store.transact({ conditions: [], changes: [put('a', '2')] })).to.equal(
        before! + 1,
      )
    })
  })
}
