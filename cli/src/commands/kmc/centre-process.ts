import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { KMC_ERROR_CODES, KmcError, type KmcErrorCode } from '@orlop/kmc/kmc-error'
import type { KmcHome } from '@orlop/kmc/service/kmc-home'
import { OrlopError } from '@orlop/protocol/errors'
import { programFile } from '../../devnet/layout.ts'
import {
  endProcess,
  isRunning,
  type ProcessRecord,
  processRecordSchema,
  recordProcess,
} from '../../devnet/process-record.ts'
import { EXIT_FAILED, ToldError } from '../../failure.ts'

/** Opening a large store and testing the random source take seconds. */
const READY_TIMEOUT_MS = 120_000
const GRACE_MS = 10_000
const LOG_LINES = 5

interface Failed {
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, string | number | boolean>>
}

export interface StartOptions {
  readonly args: readonly string[]
  /** Texts of shares, given to the process where nobody else sees them. */
  readonly shares: readonly string[]
  /** Leaves it running without this process; its log goes into the home. */
  readonly isDetached: boolean
}

/** A centre's process that has said something. */
export interface StartedCentre<R> {
  readonly facts: R
  /** Waits until it ends. @param signal - ends it in good order. @returns its exit code */
  ended(signal: AbortSignal): Promise<number>
}

/**
 * Starts the program of the centre and waits for its first word.
 *
 * @throws KmcError as it refuses to start; OrlopError `TIMEOUT`, `INTERNAL` when it says nothing.
 */
export async function startCentre<R>(
  home: KmcHome,
  { args, shares, isDetached }: StartOptions,
): Promise<StartedCentre<R>> {
  mkdirSync(home.path, { recursive: true, mode: 0o700 })
  const log = isDetached ? openSync(logFile(home), 'a', 0o600) : 'inherit'
  const all = ['--home', home.path, '--shares-on-stdin', ...args]
  const child = spawn(
    process.execPath,
    [...process.execArgv, programFile('@orlop/kmc/main'), ...all],
    { detached: isDetached, stdio: ['pipe', log, log, 'ipc'] },
  )
  if (typeof log === 'number') closeSync(log)
  const first = firstWord<R>(child, home, isDetached)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(shares.map((share) => `${share}\n`).join(''))
  try {
    const facts = await first
    await writeFile(processFile(home), JSON.stringify(recordProcess('kmc', child.pid ?? 0)))
    return { facts, ended: (signal) => ended(child, signal) }
  } finally {
    if (isDetached) {
      if (child.connected) child.disconnect()
      child.unref()
    }
  }
}

/** The centre's process of a home, when it runs. */
export async function runningCentre(home: KmcHome): Promise<ProcessRecord | null> {
  const text = await readFile(processFile(home), 'utf8').catch(() => null)
  const record = text === null ? null : processRecordSchema.parse(JSON.parse(text))
  return record !== null && isRunning(record) ? record : null
}

/** Ends the centre of a home. @returns whether it ran */
export async function stopCentre(home: KmcHome): Promise<boolean> {
  const record = await runningCentre(home)
  if (record !== null) await endProcess(record, GRACE_MS)
  await rm(processFile(home), { force: true })
  return record !== null
}

const processFile = (home: KmcHome) => join(home.path, 'process.json')
export const logFile = (home: KmcHome) => join(home.path, 'kmc.log')

function firstWord<R>(child: ChildProcess, home: KmcHome, isDetached: boolean): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new OrlopError('TIMEOUT', `The centre in ${home.path} did not start in time.`))
    }, READY_TIMEOUT_MS)
    const settle = (work: () => void) => {
      clearTimeout(timer)
      work()
    }
    child.once('message', (message: { failed?: Failed }) => {
      settle(() => {
        if (message.failed === undefined) resolve(message as R)
        else reject(errorOf(message.failed))
      })
    })
    child.once('error', (cause) => {
      settle(() => {
        reject(new OrlopError('INTERNAL', 'The centre could not be started.', { cause }))
      })
    })
    child.once('exit', (code, signal) => {
      settle(() => {
        // With this terminal it has told the reason itself.
        const isTold = !isDetached && code !== null && code !== 0
        const how = signal ?? `exit code ${code ?? 0}`
        reject(isTold ? new ToldError(code) : endedAtOnce(home, how, isDetached))
      })
    })
  })
}

function endedAtOnce(home: KmcHome, how: string, hasLog: boolean): OrlopError {
  const lines = hasLog ? readFileSync(logFile(home), 'utf8').trimEnd().split('\n') : []
  const tail = hasLog ? ` The end of its log ${logFile(home)}:\n` : ''
  const text = lines.slice(-LOG_LINES).join('\n')
  return new OrlopError('INTERNAL', `The centre ended at once (${how}).${tail}${text}`)
}

function errorOf({ code, message, details }: Failed): Error {
  const isKnown = (text: string): text is KmcErrorCode => text in KMC_ERROR_CODES
  return new KmcError(isKnown(code) ? code : 'INTERNAL', message, { details })
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<number> {
  const stop = () => child.kill('SIGTERM')
  if (child.exitCode !== null) return child.exitCode
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const [code] = (await once(child, 'exit')) as [number | null]
  signal.removeEventListener('abort', stop)
  return code ?? EXIT_FAILED
}
