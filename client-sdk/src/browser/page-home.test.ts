import 'fake-indexeddb/auto'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { openDB } from 'idb'
import { homeDatabaseConformance } from '../home/home-database.conformance.ts'
import { ManualClock } from '../testkit/manual-clock.ts'
import { spoolConformance } from '../upload/spool.conformance.ts'
import { MemoryDatabase } from './memory-database.ts'
import { MemorySpool } from './memory-spool.ts'
import { openPageHome } from './open-page-home.ts'
import { PageDatabase } from './page-database.ts'
import { PageSpool } from './page-spool.ts'
import { asStorageError, openPageStorage } from './page-storage.ts'

use(chaiAsPromised)

let made = 0
const newName = () => `test ${made++}`

homeDatabaseConformance('IndexedDB', async () => {
  const name = newName()
  const open = async () => new PageDatabase(await openPageStorage(name), () => Promise.resolve())
  return { database: await open(), reopen: open }
})

homeDatabaseConformance('memory', () =>
  Promise.resolve({ database: new MemoryDatabase(), reopen: null }),
)

spoolConformance('IndexedDB', async () => new PageSpool(await openPageStorage(newName())))
spoolConformance('memory', () => Promise.resolve(new MemorySpool()))

describe('home in a page', () => {
  const clock = new ManualClock()

  it('is for one page at a time, and free again once it is closed', async () => {
    const name = newName()
    const home = await openPageHome(name, clock)
    const second = openPageHome(name, clock)
    await expect(second).to.be.rejected.and.eventually.include({ code: 'HOME_LOCKED' })
    await home.close()
    await (await openPageHome(name, clock)).close()
  })

  it('keeps what was measured for the next page, and nothing without a name', async () => {
    for (const [name, expected] of [
      [newName(), 5_000],
      [null, 0],
    ] as const) {
      const home = await openPageHome(name, clock)
      await home.clockOffset.correct(clock.nowMs() + 5_000)
      await home.close()
      const again = await openPageHome(name, clock)
      expect(again.clockOffset.offsetMs).to.equal(expected)
      await again.close()
    }
  })

  it('is not opened when a later version wrote it, and stays free for that one', async () => {
    const name = newName()
    const later = await openDB(`orlop/${name}`, 99)
    later.close()
    for (let attempt = 0; attempt < 2; attempt++) {
      const opening = openPageHome(name, clock)
      await expect(opening).to.be.rejected.and.eventually.include({ code: 'VERSION_UNSUPPORTED' })
    }
  })

  it('says of a browser that gives no more room what to do', () => {
    const full = new DOMException('no room', 'QuotaExceededError')
    expect(asStorageError(full)).to.include({ code: 'DISK_FULL' })
    const other = new Error('other')
    expect(asStorageError(other)).to.equal(other)
  })

  it('bounds what uploads without a home take of the page’s memory, all together', async () => {
    const spool = new MemorySpool(10)
    const one = await spool.create('orlop:a')
    const other = await spool.create('orlop:b')
    await one.append(new Uint8Array(6))
    await other.append(new Uint8Array(4))
    const more = one.append(new Uint8Array(1))
    await expect(more).to.be.rejected.and.eventually.include({ code: 'DISK_FULL' })
    await spool.remove('orlop:b')
    await one.append(new Uint8Array(4))
  })
})
