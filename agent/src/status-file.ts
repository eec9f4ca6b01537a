import { rename, writeFile } from 'node:fs/promises'
import type { SpoolItem } from './spool/spool.ts'

/** What the agent is doing, as `status.json` says it to other programs and people. */
export interface AgentStatus {
  pid: number
  ship: { name: string; imoNumber: number; clientId: number }
  updatedMs: number
  counts: Record<SpoolItem['state'], number>
  /** The newest items, the newest first. */
  recent: SpoolItem[]
}

const RECENT = 100

/** Puts together the status of everything the spool holds. */
export async function statusOf(
  items: AsyncIterable<SpoolItem>,
  facts: Pick<AgentStatus, 'pid' | 'ship' | 'updatedMs'>,
): Promise<AgentStatus> {
  const counts = { queued: 0, storing: 0, stored: 0, recorded: 0, failed: 0 }
  const all: SpoolItem[] = []
  for await (const item of items) {
    counts[item.state]++
    all.push(item)
  }
  return { ...facts, counts, recent: all.toReversed().slice(0, RECENT) }
}

/** Writes the status so that a reader never sees half of it; one write at a time, the latest always written last. */
export class StatusFile {
  readonly #path: string
  #writing: Promise<void> = Promise.resolve()
  #isWaiting = false

  constructor(path: string) {
    this.#path = path
  }

  /** @param read - called when it is this write's turn, so that many changes in a row become one write. */
  update(read: () => Promise<AgentStatus>): Promise<void> {
    if (this.#isWaiting) return this.#writing
    this.#isWaiting = true
    this.#writing = this.#writing.then(async () => {
      this.#isWaiting = false
      const temporary = `${this.#path}.new`
      await writeFile(temporary, `${JSON.stringify(await read(), null, 2)}\n`)
      await rename(temporary, this.#path)
    })
    return this.#writing
  }
}
