import type { Clock } from '@orlop/protocol/clock'
import { type ClientHome, composeHome } from '../home/compose-home.ts'
import { MemoryDatabase } from './memory-database.ts'
import { MemorySpool } from './memory-spool.ts'
import { PageDatabase } from './page-database.ts'
import { lockHome } from './page-lock.ts'
import { PageSpool } from './page-spool.ts'
import { openPageStorage } from './page-storage.ts'

/**
 * Opens a home in the browser's own storage, making it where there is none. What it holds is as readable to scripts of the same origin,
 * and to whoever uses this browser, as a home folder is to programs of its owner.
 *
 * @param name - null for one in memory, forgotten with the page.
 * @throws OrlopError `HOME_LOCKED` when another page of this origin has it open; `CONFIG_INVALID`, `VERSION_UNSUPPORTED`.
 */
export async function openPageHome(name: string | null, clock: Clock): Promise<ClientHome> {
  if (name === null) {
    const database = new MemoryDatabase()
    return composeHome({ database, openSpool: () => Promise.resolve(new MemorySpool()), clock })
  }
  const unlock = await lockHome(name)
  try {
    const storage = await openPageStorage(name)
    return await composeHome({
      database: new PageDatabase(storage, unlock),
      openSpool: () => Promise.resolve(new PageSpool(storage)),
      clock,
    })
  } catch (error) {
    await unlock()
    throw error
  }
}
