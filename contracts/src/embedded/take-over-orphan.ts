import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import type { Logger } from '@orlop/protocol/logger'
import * as z from 'zod'
import { LedgerRpc } from '../rpc/ledger-rpc.ts'
import { RpcConnection } from '../rpc/rpc-connection.ts'
import type { LedgerSnapshots } from './ledger-snapshots.ts'
import { SnapshotKeeper, dumpRpc } from './snapshot-keeper.ts'
import { writeDurably } from './write-durably.ts'

const RUNNING_FILE = 'running.json'
const ASK_TIMEOUT_MS = 2_000
const END_TIMEOUT_MS = 5_000
const LOOK_MS = 50

const runningSchema = z.object({ pid: z.int().positive(), rpcUrl: z.url() })
type Running = z.infer<typeof runningSchema>

/** Notes which anvil runs, for the case that its keeper is killed and it is not. */
export async function noteRunning(homeFolder: string, running: Running): Promise<void> {
  await writeDurably(join(homeFolder, RUNNING_FILE), JSON.stringify(running))
}

export async function forgetRunning(homeFolder: string): Promise<void> {
  await rm(join(homeFolder, RUNNING_FILE), { force: true })
}

/**
 * Ends an anvil that outlived its keeper, after saving what it held. It is known by holding the contracts of this folder's key: no
 * other program is ever ended.
 */
export async function takeOverOrphan(
  home: { homeFolder: string; deployment: Deployment; snapshots: LedgerSnapshots },
  logger: Logger,
): Promise<void> {
  const running = await readRunning(home.homeFolder)
  if (running === null || !(await isOurs(running, home.deployment))) return
  logger.warn({ pid: running.pid }, 'a ledger outlived its keeper; saving its state and ending it')
  const { rpcUrl, pid } = running
  const rpc = dumpRpc(rpcUrl)
  const parts = { rpc, snapshots: home.snapshots, clock: systemClock, logger }
  try {
    // One that was killed while it deployed holds nothing worth keeping, and would keep the next start from deploying.
    const isDeployed = (await rpc.code(home.deployment.credit)) !== '0x'
    if (isDeployed) await new SnapshotKeeper(parts).save()
  } finally {
    await endProcess(pid)
    await forgetRunning(home.homeFolder)
  }
}

async function readRunning(homeFolder: string): Promise<Running | null> {
  try {
    const text = await readFile(join(homeFolder, RUNNING_FILE), 'utf8')
    return runningSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

async function isOurs({ pid, rpcUrl }: Running, { registry }: Deployment): Promise<boolean> {
  if (!isAlive(pid)) return false
  const rpc = new LedgerRpc(new RpcConnection(rpcUrl, { timeoutMs: ASK_TIMEOUT_MS, retries: 0 }))
  const code = await rpc.code(registry).catch(() => '0x')
  return code !== '0x'
}

async function endProcess(pid: number): Promise<void> {
  signal(pid, 'SIGTERM')
  const deadlineMs = systemClock.monotonicMs() + END_TIMEOUT_MS
  while (isAlive(pid)) {
    if (systemClock.monotonicMs() > deadlineMs) signal(pid, 'SIGKILL')
    await sleep(LOOK_MS)
  }
}

function isAlive(pid: number): boolean {
  return signal(pid, 0)
}

/** @returns false when there is no such process, or it is not ours. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
