import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

/** A process this devnet started, told apart from a later one with the same number by when it began. */
export const processRecordSchema = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  /** Start time in clock ticks since boot (`/proc/PID/stat`, field 22); 0 where the system does not tell. */
  startTicks: z.int().nonnegative(),
})
export type ProcessRecord = z.infer<typeof processRecordSchema>

/** Notes a process that runs now. */
export function recordProcess(name: string, pid: number): ProcessRecord {
  return { name, pid, startTicks: startTicksOf(pid) ?? 0 }
}

/** Whether that very process still runs (a finished one whose number was given away does not). */
export function isRunning({ pid, startTicks }: ProcessRecord): boolean {
  if (startTicks !== 0) return startTicksOf(pid) === startTicks
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Asks the process to end (SIGTERM) and, when it has not after `graceMs`, ends it (SIGKILL).
 *
 * @returns whether it had to be killed.
 */
export async function endProcess(record: ProcessRecord, graceMs: number): Promise<boolean> {
  if (!isRunning(record)) return false
  process.kill(record.pid, 'SIGTERM')
  const deadlineMs = performance.now() + graceMs
  while (isRunning(record)) {
    if (performance.now() > deadlineMs) {
      process.kill(record.pid, 'SIGKILL')
      return true
    }
    await sleep(50)
  }
  return false
}

/** Field 22 of `/proc/PID/stat`; null when there is no such process or no such file system. A zombie counts as ended. */
function startTicksOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : Number(fields[19])
  } catch {
    return null
  }
}
