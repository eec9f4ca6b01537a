import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { OrlopError } from '@orlop/protocol/errors'

const OWNER_FILE = 'owner.pid'

/**
 * Opens the home folder's database. LevelDB holds an operating-system lock on it for as long as the process lives, so a killed
 * process never leaves a lock behind.
 *
 * @param folder - the home folder; made, for its owner only, when missing.
 * @throws OrlopError `HOME_LOCKED` when another process (named when known) has it open.
 */
export async function openDatabase(folder: string): Promise<Level<string, Uint8Array>> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const database = new Level<string, Uint8Array>(join(folder, 'db'), { valueEncoding: 'view' })
  try {
    await database.open()
  } catch (cause) {
    if (isLockHeld(cause)) throw await homeLocked(folder, cause)
    throw new OrlopError(
      'INTERNAL',
      `The database in ${join(folder, 'db')} cannot be opened. Check the disk; if it is damaged, move the folder 'db' aside: the catalogue is rebuilt from the ledger.`,
      { cause },
    )
  }
  await writeFile(join(folder, OWNER_FILE), `${process.pid}\n`, { mode: 0o600 })
  return database
}

function isLockHeld(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && cause.code === 'LEVEL_LOCKED') return true
  }
  return false
}

async function homeLocked(folder: string, cause: unknown): Promise<OrlopError> {
  const text = await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  const owner = Number.isNaN(pid) ? 'another process' : `process ${pid}`
  return new OrlopError(
    'HOME_LOCKED',
    `The home folder ${folder} is in use by ${owner}. Wait until it ends, stop it, or use another folder with --home.`,
    { cause, details: Number.isNaN(pid) ? { folder } : { folder, pid } },
  )
}
