import { join } from 'node:path'
import type { Clock } from '@orlop/protocol/clock'
import { SpoolFolder } from '../upload/spool-file.ts'
import { type ClientHome, composeHome } from './compose-home.ts'
import { openDatabase } from './open-database.ts'

/**
 * Opens a home folder, making it where it is missing.
 *
 * @throws OrlopError `HOME_LOCKED` when another process has it open.
 */
export async function openClientHome(folder: string, clock: Clock): Promise<ClientHome> {
  const database = await openDatabase(folder)
  return composeHome({
    database,
    openSpool: () => SpoolFolder.open(join(folder, 'spool')),
    clock,
  })
}
