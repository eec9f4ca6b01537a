import type { FoundFile, Spool } from './spool.ts'

export interface PruneOptions {
  nowMs: number
  /** How long an item is kept after its end. */
  keptMs: number
  /** Most items kept of those that could go; beyond it the oldest go earlier. */
  maxKept: number
  /** Whether the file is still there as it was found. */
  isThere: (file: FoundFile) => Promise<boolean>
}

const ENDED = new Set(['recorded', 'replaced', 'failed'])

/**
 * Forgets items that are done with and whose files are gone. An item whose file is still in its folder stays: it is what keeps the file
 * from being stored a second time.
 *
 * @returns how many were forgotten.
 */
export async function pruneSpool(spool: Spool, options: PruneOptions): Promise<number> {
  const { nowMs, keptMs, maxKept, isThere } = options
  const gone: { key: string; endMs: number }[] = []
  for await (const item of spool.all()) {
    if (!ENDED.has(item.state) || (await isThere(item))) continue
    // What failed is tried now and then, which is no new end.
    gone.push({ key: item.key, endMs: item.state === 'failed' ? item.foundMs : item.changedMs })
  }
  gone.sort((left, right) => right.endMs - left.endMs)
  const disposable = gone.filter(({ endMs }, index) => index >= maxKept || nowMs - endMs > keptMs)
  await spool.delete(disposable.map(({ key }) => key))
  return disposable.length
}
