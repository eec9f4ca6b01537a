import { deleteDB } from 'idb'
import { lockHome } from './page-lock.ts'
import { storageName } from './page-storage.ts'

/**
 * Deletes a home from the browser's own storage: catalogue, uploads under way, and what was measured and remembered. The client of it must
 * be closed.
 *
 * @throws OrlopError `HOME_LOCKED` while a page of this origin has it open.
 */
export async function deletePageHome(name: string): Promise<void> {
  const unlock = await lockHome(name)
  try {
    await deleteDB(storageName(name))
  } finally {
    await unlock()
  }
}
