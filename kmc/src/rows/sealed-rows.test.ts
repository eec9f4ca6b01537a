import { expect } from 'chai'
import fc from 'fast-check'
import { encodeUtf8, randomBytes } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'
import type { StoredRow } from '../store/key-store.ts'
import { MemoryKeyStore } from '../store/memory-key-store.ts'
import type { RowDraft } from './row-draft.ts'
import { SealedRows } from './sealed-rows.ts'

const bytes = encodeUtf8
const centreId = randomBytes(16)
const key = randomBytes(32)

function rowsOver(store: MemoryKeyStore, options: { leastSequence?: number } = {}): SealedRows {
  return new SealedRows({ store, centreId, rowKey: () => key, ...options })
}

async function write(rows: SealedRows, values: Record<string, string | null>): Promise<void> {
  await rows.update((draft) => {
    for (const [place, value] of Object.entries(values)) {
      if (value === null) draft.delete(place)
      else draft.put(place, bytes(value))
    }
    return Promise.resolve()
  })
}

/** Everything in the store, and a way to put some of it back behind the centre's back. */
async function copyOf(store: MemoryKeyStore): Promise<Map<string, Uint8Array>> {
  const rows: StoredRow[] = []
  for (;;) {
    const after = rows.at(-1)?.key
    const page = await store.list({ prefix: '', limit: 128, ...(after ? { after } : {}) })
    if (page.length === 0) return new Map(rows.map((row) => [row.key, row.value]))
    rows.push(...page)
  }
}

async function plant(store: MemoryKeyStore, at: string, value: Uint8Array | null): Promise<void> {
  const change = value === null ? ({ type: 'delete' } as const) : ({ type: 'put', value } as const)
  await store.transact({ conditions: [], changes: [{ key: at, ...change }] })
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(() => null).catch((reason: unknown) => reason)
  return error instanceof KmcError ? error.code : error
}

describe('sealed rows', () => {
  let store: MemoryKeyStore
  let rows: SealedRows

  beforeEach(() => {
    store = new MemoryKeyStore()
    rows = rowsOver(store)
  })

  it('gives back what was last put, lists it by place, and counts changes', async () => {
    await write(rows, { 'app/a': 'one', 'app/b': 'two', 'key/a': 'three' })
    await write(rows, { 'app/a': 'four', 'app/b': null, 'app/c': 'five' })
    const again = rowsOver(store)
    expect(await again.get('app/a')).to.deep.equal(bytes('four'))
    expect(await again.get('app/b')).to.equal(null)
    expect(await again.list('app/', { limit: 50 })).to.deep.equal([
      { place: 'app/a', value: bytes('four') },
      { place: 'app/c', value: bytes('five') },
    ])
    expect(await again.list('app/', { after: 'app/a', limit: 1 })).to.have.length(1)
    expect(await again.sequence()).to.equal(2)
  })

  it('agrees with a plain map, whatever is changed in whatever order', async () => {
    const place = fc.integer({ min: 0, max: 30 }).map((number) => `p/${number}`)
    const change = fc.tuple(place, fc.option(fc.string({ maxLength: 8 })))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 12 }),
        async (all) => {
          const fresh = rowsOver(new MemoryKeyStore())
          const model = new Map<string, Uint8Array>()
          for (const changes of all) {
            await write(fresh, Object.fromEntries(changes))
            for (const [at, value] of Object.entries(Object.fromEntries(changes))) {
              if (value === null) model.delete(at)
              else model.set(at, bytes(value))
            }
          }
          const listed = await fresh.list('', { limit: 50 })
          const expected = [...model].sort(([left], [right]) => (left < right ? -1 : 1))
          expect(listed.map(({ place: at, value }) => [at, value])).to.deep.equal(expected)
        },
      ),
      { numRuns: 40, seed: 2 },
    )
  })

  it('has neither values nor places of the register in the clear', async () => {
    await write(rows, { 'app/a': 'a very secret value' })
    for (const [at, value] of await copyOf(store)) {
      expect(Buffer.from(value).includes('a very secret value'), at).to.equal(false)
    }
  })

  describe('against who holds the store', () => {
    it('notices a changed row, a swapped one, one rolled back, one withheld and one brought back', async () => {
      await write(rows, { 'app/a': 'old', 'app/b': 'other', 'app/gone': 'x' })
      const before = await copyOf(store)
      await write(rows, { 'app/a': 'new', 'app/gone': null })
      const now = await copyOf(store)
      const changed = now.get('row/app/a')!.map((byte, at) => (at === 40 ? byte ^ 1 : byte))
      for (const [what, at, value] of [
        ['changed', 'row/app/a', changed],
        ['swapped', 'row/app/a', now.get('row/app/b')!],
        ['rolled back', 'row/app/a', before.get('row/app/a')!],
        ['withheld', 'row/app/a', null],
        ['brought back', 'row/app/gone', before.get('row/app/gone')!],
        ['cut short', 'row/app/a', new Uint8Array(3)],
      ] as const) {
        await plant(store, at, value)
        const place = at.slice('row/'.length)
        expect(await codeOf(rows.get(place)), what).to.equal('ROW_TAMPERED')
        expect(await codeOf(write(rows, {})), what).to.equal(null)
        const reading = rows.update((draft) => draft.get(place))
        expect(await codeOf(reading), `${what}, in a change`).to.equal('ROW_TAMPERED')
        await plant(store, at, now.get(at) ?? null)
        expect(await codeOf(rows.get(place)), `${what}, put right`).to.equal(null)
      }
    })

    it('notices when a row is rolled back with the register’s row for it', async () => {
      await write(rows, { 'app/a': 'old' })
      const before = await copyOf(store)
      await write(rows, { 'app/a': 'new' })
      for (const [at, value] of before) if (at !== 'register/head') await plant(store, at, value)
      expect(await codeOf(rows.get('app/a'))).to.equal('ROW_TAMPERED')
      expect(await codeOf(rows.list('', { limit: 10 }))).to.equal('ROW_TAMPERED')
    })

    it('notices a store that is rolled back as a whole while it runs, or when an anchored count is known', async () => {
      await write(rows, { 'app/a': 'old' })
      const before = await copyOf(store)
      await write(rows, { 'app/a': 'new' })
      const sequence = await rows.sequence()
      for (const [at, value] of before) await plant(store, at, value)
      expect(await codeOf(rows.get('app/a'))).to.equal('STORE_ROLLED_BACK')
      const restarted = rowsOver(store, { leastSequence: sequence })
      expect(await codeOf(restarted.get('app/a'))).to.equal('STORE_ROLLED_BACK')
    })

    it('opens nothing of another centre, though the key were the same', async () => {
      await write(rows, { 'app/a': 'one' })
      const other = new SealedRows({ store, centreId: randomBytes(16), rowKey: () => key })
      expect(await codeOf(other.get('app/a'))).to.equal('ROW_TAMPERED')
    })

    it('does not take a row in the clear for its own that stands where it would append', async () => {
      await plant(store, 'audit/1', bytes('planted'))
      const appending = rows.update((draft) => {
        draft.append('audit/1', bytes('mine'))
        return Promise.resolve()
      })
      expect(await codeOf(appending)).to.equal('ROW_TAMPERED')
    })
  })

  it('loses no change of many writers at once, in one process and in several', async () => {
    const writers = [rows, rows, rowsOver(store), rowsOver(store)]
    await Promise.all(
      writers.flatMap((writer) =>
        Array.from({ length: 5 }, () =>
          writer.update(async (draft) => {
            const count = Number(new TextDecoder().decode((await draft.get('n')) ?? bytes('0')))
            draft.put('n', bytes(String(count + 1)))
          }),
        ),
      ),
    )
    expect(await rows.get('n')).to.deep.equal(bytes('20'))
  })

  describe('with many changes at once', () => {
    const puts = (places: readonly string[], value: Uint8Array) => (draft: RowDraft) => {
      for (const place of places) draft.put(place, value)
      return Promise.resolve()
    }
    const places = (work: number, count: number) =>
      Array.from({ length: count }, (_, at) => `w${work}/${at}`)

    it('makes several in one transaction, each on what those before it leave', async () => {
      const seen: string[] = []
      const add = (name: string) => async (draft: RowDraft) => {
        const places = ['n/a', 'n/b', 'n/c', 'n/d']
        const values = await Promise.all(places.map((place) => draft.get(place)))
        seen.push(places.filter((_, at) => values[at] !== null).join())
        expect(await draft.get('n/a')).to.deep.equal(name === 'a' ? null : bytes('a'))
        draft.put(`n/${name}`, bytes(name))
        if (name === 'c') draft.delete('n/b')
      }
      await Promise.all(['a', 'b', 'c', 'd'].map((name) => rows.update(add(name))))
      expect(seen.slice(-4)).to.deep.equal(['', 'n/a', 'n/a,n/b', 'n/a,n/c'])
      expect(await rows.list('n/', { limit: 10 })).to.have.length(3)
      expect(await rows.sequence()).to.be.below(4)
    })

    it('leaves out one that fails, and only that', async () => {
      const failing = async (draft: RowDraft) => {
        draft.put('bad', bytes('x'))
        await draft.get('w0/0')
        throw new Error('no')
      }
      const works = [puts(['w0/0'], bytes('1')), failing, puts(['w2/0'], bytes('1'))]
      const ends = await Promise.allSettled(works.map((work) => rows.update(work)))
      expect(ends.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
      const listed = await rows.list('', { limit: 10 })
      expect(listed.map(({ place }) => place)).to.deep.equal(['w0/0', 'w2/0'])
    })

    it('spreads over several transactions what one does not take', async () => {
      const many = Array.from({ length: 12 }, (_, work) => puts(places(work, 30), bytes('x')))
      await Promise.all(many.map((work) => rows.update(work)))
      const large = new Uint8Array(300 * 1024)
      await Promise.all(
        ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => rows.update(puts([`large/${name}`], large))),
      )
      for (const place of ['w0/0', 'w11/29', 'large/a', 'large/f']) {
        expect(await rows.get(place), place).to.not.equal(null)
      }
      const over = [puts(places(1, 130), bytes('x')), puts(['ok'], bytes('x'))]
      const ends = await Promise.allSettled(over.map((work) => rows.update(work)))
      expect(ends.map(({ status }) => status)).to.deep.equal(['rejected', 'fulfilled'])
    })

    it('tells all whose changes were in a transaction that failed', async () => {
      store.transact = () => Promise.reject(new KmcError('STORE_OUTCOME_UNKNOWN', 'unknown'))
      const works = ['a', 'b'].map((place) => rows.update(puts([place], bytes('x'))))
      expect(await Promise.all(works.map(codeOf))).to.deep.equal([
        'STORE_OUTCOME_UNKNOWN',
        'STORE_OUTCOME_UNKNOWN',
      ])
    })
  })

  it('takes an answer that a later one overtook for what it is', async () => {
    await write(rows, { 'app/a': 'old' })
    const { promise: overtaken, resolve: letGo } = Promise.withResolvers<undefined>()
    const read = store.getMany.bind(store)
    store.getMany = async (keys) => {
      const found = await read(keys)
      await overtaken
      return found
    }
    const reading = rows.get('app/a')
    store.getMany = read
    await write(rows, { 'app/a': 'new' })
    letGo(undefined)
    expect(await reading).to.deep.equal(bytes('old'))
  })

  it('changes nothing when the work fails', async () => {
    const failing = rows.update((draft) => {
      draft.put('app/a', bytes('x'))
      return Promise.reject(new Error('no'))
    })
    expect(await codeOf(failing)).to.have.property('message', 'no')
    expect(await store.list({ prefix: '', limit: 1 })).to.deep.equal([])
  })

  it('reads and writes nothing while the centre is sealed', async () => {
    const sealed = new SealedRows({
      store,
      centreId,
      rowKey: () => {
        throw new KmcError('CENTRE_SEALED', 'sealed')
      },
    })
    for (const work of [
      sealed.get('a'),
      sealed.list('', { limit: 1 }),
      write(sealed, { a: 'x' }),
    ]) {
      expect(await codeOf(work)).to.equal('CENTRE_SEALED')
    }
  })
})
