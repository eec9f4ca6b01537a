import { join } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'
import lockfile from 'proper-lockfile'

/** A lock not renewed for this long belongs to a process that was killed. */
const STALE_MS = 5_000
const RETRY_MS = 500
/** Long enough for a dead process's lock to become stale. */
const LOCK_WAIT_MS = 7_000

/**
 * Makes this process the only one that runs a ledger from the folder. After a kill it waits until the dead process's lock is stale.
 *
 * @returns gives the folder free again.
 * @throws OrlopError `HOME_LOCKED` when another process keeps the lock.
 */
export async function lockLedgerHome(
  homeFolder: string,
  onLost: () => void,
  waitMs = LOCK_WAIT_MS,
): Promise<() => Promise<void>> {
  try {
    return await lockfile.lock(homeFolder, {
      lockfilePath: join(homeFolder, 'lock'),
      stale: STALE_MS,
      update: STALE_MS / 5,
      retries: {
        retries: Math.ceil(waitMs / RETRY_MS),
        minTimeout: RETRY_MS,
        maxTimeout: RETRY_MS,
      },
      onCompromised: onLost,
    })
  } catch (cause) {
    throw new OrlopError(
      'HOME_LOCKED',
      `Another process runs the ledger in ${homeFolder}. Stop it, or use another folder.`,
      { cause },
    )
  }
}
