import { expect } from 'chai'
import * as z from 'zod'
import { type HomeDatabase, RecordTable } from './table.ts'

const RANGE = { gt: 't/', lt: 't0' }
const record = z.strictObject({ bytes: z.instanceof(Uint8Array), label: z.string().optional() })

/** What every home database does. @param setup - gives an open, empty one and a way to open it again after it was closed. */
export function homeDatabaseConformance(
  name: string,
  setup: () => Promise<{ database: HomeDatabase; reopen: (() => Promise<HomeDatabase>) | null }>,
): void {
  describe(`home database: ${name}`, () => {
    it('gives records back in the order of their keys, however many', async () => {
      const { database } = await setup()
      const table = new RecordTable(database, { name: 't', schema: record })
      const keys = Array.from({ length: 150 }, (_, index) => String(index).padStart(3, '0'))
      for (const key of keys.toReversed()) await table.put(key, { bytes: new Uint8Array([1]) })
      const found: string[] = []
      for await (const [key] of table.entries()) found.push(key)
      expect(found).to.deep.equal(keys)
      await database.close()
    })

    it('keeps tables apart, clears one of them, and says of a missing key that it is missing', async () => {
      const { database } = await setup()
      const one = new RecordTable(database, { name: 't', schema: record })
      const other = new RecordTable(database, { name: 'u', schema: record })
      await one.put('é/船 ', { bytes: new Uint8Array([1]), label: 'one' })
      await other.put('é/船 ', { bytes: new Uint8Array([2]) })
      await one.clear()
      expect(await one.get('é/船 ')).to.equal(null)
      expect(await other.all()).to.deep.equal([{ bytes: new Uint8Array([2]) }])
      await other.delete('é/船 ')
      expect(await other.all()).to.deep.equal([])
      await database.close()
    })

    it('keeps bytes as they were when they were written, and only those', async () => {
      const { database } = await setup()
      const memory = new Uint8Array(100_000).fill(7)
      const value = memory.subarray(10, 14)
      const writing = database.batch([{ type: 'put', key: 't/a', value }], { sync: true })
      await writing
      memory.fill(0)
      const [found] = await database.getMany(['t/a'])
      expect(found).to.deep.equal(new Uint8Array([7, 7, 7, 7]))
      await database.close()
    })

    it('may be changed while it is read', async () => {
      const { database } = await setup()
      const value = new Uint8Array([1])
      const keys = Array.from({ length: 130 }, (_, index) => `t/${String(index).padStart(3, '0')}`)
      await database.batch(
        keys.map((key) => ({ type: 'put', key, value })),
        { sync: true },
      )
      const found: string[] = []
      for await (const [key] of database.iterator(RANGE)) {
        found.push(key)
        await database.batch([{ type: 'del', key }], { sync: true })
      }
      expect(found).to.deep.equal(keys)
      expect(await Array.fromAsync(database.iterator(RANGE))).to.deep.equal([])
      await database.close()
    })

    it('has its records again after it was closed, unless it is memory', async () => {
      const { database, reopen } = await setup()
      await database.batch([{ type: 'put', key: 't/a', value: new Uint8Array([5]) }], {
        sync: true,
      })
      await database.close()
      if (reopen === null) return
      const again = await reopen()
      expect(await again.getMany(['t/a', 't/b'])).to.deep.equal([new Uint8Array([5]), undefined])
      await again.close()
    })
  })
}
