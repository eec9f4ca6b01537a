import { rename, writeFile } from 'node:fs/promises'
import type { SpoolSummary } from './spool/spool.ts'

/** What the agent is doing, as `status.json` says it to other programs and people. */
export interface AgentStatus extends SpoolSummary {
  pid: number
  ship: { name: string; imoNumber: number; clientId: number }
  updatedMs: number
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
  update(read: () => AgentStatus): Promise<void> {
    if (this.#isWaiting) return this.#writing
    this.#isWaiting = true
    // A write that failed, on a full disk for instance, does not keep later ones from being tried.
    this.#writing = this.#writing.catch(ignore).then(async () => {
      this.#isWaiting = false
      const temporary = `${this.#path}.new`
      await writeFile(temporary, `${JSON.stringify(read(), null, 2)}\n`)
      await rename(temporary, this.#path)
    })
    return this.#writing
  }
}

function ignore(): void {
  // Whoever asked for that write was told.
}
