import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { OrlopError } from '@orlop/protocol/errors'
import { type ProcessRecord, recordProcess } from './process-record.ts'

export interface ProcessPlan {
  name: string
  /** The `main.ts` to run, and its arguments. */
  script: string
  args: string[]
  /** Where its output goes. */
  logFile: string
  readyTimeoutMs: number
}

export interface StartedProcess<R> {
  record: ProcessRecord
  /** What the process said when it was ready. */
  ready: R
}

/**
 * Starts a process that outlives this one, and waits until it says (over the IPC channel) that it is ready.
 *
 * @param onSpawn - called at once with the process, so that it is on record even if this process dies now.
 * @throws OrlopError `TIMEOUT` when it is not ready in time, `INTERNAL` when it ends before; both show the end of its log.
 */
export async function spawnProcess<R>(
  plan: ProcessPlan,
  onSpawn: (record: ProcessRecord) => void,
): Promise<StartedProcess<R>> {
  mkdirSync(dirname(plan.logFile), { recursive: true })
  const log = openSync(plan.logFile, 'a')
  const child = spawn(process.execPath, [...process.execArgv, plan.script, ...plan.args], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) {
    const [cause] = await new Promise<[Error]>((resolve) =>
      child.once('error', (error) => resolve([error])),
    )
    throw new OrlopError('INTERNAL', `${plan.name} could not be started: ${cause.message}.`, {
      cause,
    })
  }
  const record = recordProcess(plan.name, pid)
  onSpawn(record)
  try {
    const ready = await new Promise<R>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(failure('TIMEOUT', `was not ready after ${plan.readyTimeoutMs / 1000} s`, plan))
      }, plan.readyTimeoutMs)
      child.once('message', (message) => {
        clearTimeout(timer)
        resolve(message as R)
      })
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        reject(failure('INTERNAL', `ended at once (${signal ?? `exit code ${code ?? 0}`})`, plan))
      })
    })
    return { record, ready }
  } finally {
    if (child.connected) child.disconnect()
    child.removeAllListeners()
    child.unref()
  }
}

function failure(code: 'TIMEOUT' | 'INTERNAL', what: string, plan: ProcessPlan): OrlopError {
  const tail = readFileSync(plan.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n')
  return new OrlopError(code, `${plan.name} ${what}. The end of its log ${plan.logFile}:\n${tail}`)
}
