import { type FSWatcher, watch } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { AgentStatus } from '@orlop/agent/status-file'
import type { SpoolItem } from '@orlop/agent/spool/spool'
import { ERROR_CODES, type ErrorCode } from '@orlop/protocol/error-codes'
import { OrlopError } from '@orlop/protocol/errors'
import type { HomeLayout } from './layout.ts'

/**
 * Puts a copy of the sample voyage into the agent's watched folder, as a new leg, each file under its final name only when it is whole.
 *
 * @returns the files' paths.
 */
export async function beginLeg(
  layout: HomeLayout,
  samples: string,
  legName: string,
): Promise<string[]> {
  const leg = join(layout.voyageFolder, legName)
  await mkdir(leg, { recursive: true })
  const names = (await readdir(samples)).sort()
  for (const name of names) {
    const target = join(leg, name)
    await copyFile(join(samples, name), `${target}.part`)
    await rename(`${target}.part`, target)
  }
  return names.map((name) => join(leg, name))
}

export interface FollowOptions {
  signal: AbortSignal
  timeoutMs: number
  /** Told each time an item's state changes. */
  onChange: (item: SpoolItem) => void
}

/**
 * Follows the agent's status until every one of `paths` is on the ledger.
 *
 * @returns their items, in the order of `paths`.
 * @throws OrlopError with the item's own code when a file cannot be stored; `TIMEOUT`; `ABORTED`.
 */
export async function followToLedger(
  layout: HomeLayout,
  paths: readonly string[],
  options: FollowOptions,
): Promise<SpoolItem[]> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const changes = new FolderChanges(layout.agentHome, AbortSignal.any([options.signal, deadline]))
  const seen = new Map<string, string>()
  try {
    for (;;) {
      const items = await itemsOf(layout, paths)
      for (const item of items) {
        if (seen.get(item.path) === item.state) continue
        seen.set(item.path, item.state)
        options.onChange(item)
        if (item.state === 'failed') throw storeFailed(item)
      }
      if (items.length === paths.length && items.every(({ state }) => state === 'recorded'))
        return items
      if (!(await changes.next())) throw notInTime(options, paths.length - items.length)
    }
  } finally {
    changes.close()
  }
}

async function itemsOf(layout: HomeLayout, paths: readonly string[]): Promise<SpoolItem[]> {
  const text = await readFile(join(layout.agentHome, 'status.json'), 'utf8').catch(() => null)
  if (text === null) return []
  const { recent } = JSON.parse(text) as AgentStatus
  return paths.flatMap((path) => recent.find((item) => item.path === path) ?? [])
}

function storeFailed({ path, failure }: SpoolItem): OrlopError {
  const code = failure?.code ?? 'INTERNAL'
  return new OrlopError(
    Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : 'INTERNAL',
    `The ship could not store ${basename(path)}: ${failure?.message ?? 'no reason given'}`,
  )
}

function notInTime({ signal, timeoutMs }: FollowOptions, missing: number): OrlopError {
  if (signal.aborted)
    return new OrlopError(
      'ABORTED',
      'Stopped on request. What the ship has taken on is stored at the next start.',
    )
  return new OrlopError(
    'TIMEOUT',
    `The voyage was not on the ledger after ${timeoutMs / 1000} s (${missing} files not seen at all). Look into the logs of agent and nodes.`,
  )
}

/** Waits for something to change in a folder; a change between two waits is not missed. */
class FolderChanges {
  readonly #watcher: FSWatcher
  readonly #signal: AbortSignal
  #isChanged = false
  #wake: (() => void) | null = null

  constructor(folder: string, signal: AbortSignal) {
    this.#signal = signal
    this.#watcher = watch(folder, () => {
      this.#isChanged = true
      this.#wake?.()
    })
    signal.addEventListener('abort', () => this.#wake?.())
  }

  /** @returns false when the signal ended the waiting. */
  async next(): Promise<boolean> {
    while (!this.#isChanged && !this.#signal.aborted) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    this.#isChanged = false
    return !this.#signal.aborted
  }

  close(): void {
    this.#watcher.close()
  }
}
