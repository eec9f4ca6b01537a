import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'
import { isRunning, processRecordSchema, recordProcess } from './process-record.ts'

/**
 * Lets one process at a time bring a development network up or down. The lock of a process that has ended counts for nothing.
 *
 * @param file - the lock's path; its folder is made when missing.
 * @returns gives the lock back.
 * @throws OrlopError `HOME_LOCKED` naming the process that has it.
 */
export function lockDevnet(file: string): () => void {
  mkdirSync(dirname(file), { recursive: true })
  const own = JSON.stringify(recordProcess('orlop', process.pid))
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx' })
      return () => {
        rmSync(file, { force: true })
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      removeDeadLock(file)
    }
  }
  throw new OrlopError(
    'HOME_LOCKED',
    `Another command is changing the network in ${dirname(file)}. Wait for it.`,
  )
}

function removeDeadLock(file: string): void {
  let holder
  try {
    holder = processRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    // Half written by a process that was killed, or gone in this moment.
    rmSync(file, { force: true })
    return
  }
  if (isRunning(holder)) {
    throw new OrlopError(
      'HOME_LOCKED',
      `Process ${holder.pid} is bringing the network in ${dirname(file)} up or down. Wait for it, or end it.`,
      { details: { pid: holder.pid } },
    )
  }
  rmSync(file, { force: true })
}
