import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Logger } from '@orlop/protocol/logger'

/**
 * Keeps this process's memory, which will hold keys, out of core files: sets its limit for them to one byte by util-linux' `prlimit`.
 * With none at all the kernel still hands a dump to a program where `core_pattern` names one; with one byte it does not.
 */
export async function limitCoreDumps(pid: number, logger: Logger): Promise<void> {
  try {
    await promisify(execFile)('prlimit', ['--pid', String(pid), '--core=1:1'])
  } catch {
    logger.warn({}, 'core dumps could not be limited: run the centre under ulimit -c 0')
  }
}
