import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { Spool } from './sealed-spool.ts'

use(chaiAsPromised)

const NAME = 'orlop:a'
const PIECE_BYTES = 3 * 1024 * 1024 + 5

/** What every spool does. @param setup - gives one that is empty. */
export function spoolConformance(name: string, setup: () => Promise<Spool>): void {
  describe(`spool: ${name}`, () => {
    it('gives any part of what was written, across the pieces it was written in', async () => {
      const spool = await setup()
      const sealed = await spool.create(NAME)
      for (const fill of [1, 2]) await sealed.append(new Uint8Array(PIECE_BYTES).fill(fill))
      await sealed.complete()
      expect(sealed.writtenBytes).to.equal(2 * PIECE_BYTES)
      const across = await sealed.read(PIECE_BYTES - 2, 4)
      expect(across).to.deep.equal(new Uint8Array([1, 1, 2, 2]))
      expect(await sealed.read(2 * PIECE_BYTES - 1, 100)).to.deep.equal(new Uint8Array([2]))
      expect(await sealed.read(2 * PIECE_BYTES, 100)).to.equal(null)
      const most = await sealed.read(1, 2 * PIECE_BYTES)
      expect(most?.length).to.equal(2 * PIECE_BYTES - 1)
      await sealed.close()
    })

    it('does not see what becomes of memory that was written', async () => {
      const spool = await setup()
      const sealed = await spool.create(NAME)
      const memory = new Uint8Array([9, 9])
      await sealed.append(memory)
      memory.fill(0)
      expect(await sealed.read(0, 2)).to.deep.equal(new Uint8Array([9, 9]))
      await sealed.close()
    })

    it('is taken up again only with exactly the length that was sealed', async () => {
      const spool = await setup()
      const sealed = await spool.create(NAME)
      await sealed.append(new Uint8Array(100).fill(3))
      await sealed.complete()
      await sealed.close()
      for (const wrongBytes of [99, 101]) {
        expect(await spool.openComplete(NAME, wrongBytes)).to.equal(null)
      }
      const again = await spool.openComplete(NAME, 100)
      expect(again?.isComplete).to.equal(true)
      expect(await again?.read(98, 10)).to.deep.equal(new Uint8Array([3, 3]))
      await again?.close()
    })

    it('begins anew where an earlier attempt left something', async () => {
      const spool = await setup()
      const former = await spool.create(NAME)
      await former.append(new Uint8Array(100))
      await former.close()
      const sealed = await spool.create(NAME)
      await sealed.append(new Uint8Array([4]))
      await sealed.complete()
      await sealed.close()
      const again = await spool.openComplete(NAME, 1)
      expect(await again?.read(0, 10)).to.deep.equal(new Uint8Array([4]))
      await again?.close()
    })

    it('forgets one upload, and those that belong to none', async () => {
      const spool = await setup()
      for (const objectName of ['orlop:a', 'orlop:b', 'orlop:c']) {
        const sealed = await spool.create(objectName)
        await sealed.append(new Uint8Array([1]))
        await sealed.complete()
        await sealed.close()
      }
      await spool.remove('orlop:a')
      await spool.removeOthers(['orlop:a', 'orlop:b'])
      expect(await spool.openComplete('orlop:a', 1)).to.equal(null)
      expect(await spool.openComplete('orlop:c', 1)).to.equal(null)
      const kept = await spool.openComplete('orlop:b', 1)
      expect(kept).to.not.equal(null)
      await kept?.close()
    })
  })
}
