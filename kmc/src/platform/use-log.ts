import { appendAudit } from '../audit/audit-log.ts'
import type { Centre } from '../centre.ts'
import type { KeyName } from '../keys/keys.ts'
import type { RowDraft } from '../rows/row-draft.ts'

/** Uses of a key in so long a time share an entry of the log. */
const WINDOW_MS = 10 * 60 * 1000
/** Each entry is two parts of a transaction. */
const ENTRIES_AT_ONCE = 30

/** What is done with a key inside the centre. */
export interface KeyUse extends KeyName {
  readonly operation: string
  /** Serial number of the certificate that asked. */
  readonly certificate: string
}

interface Window {
  readonly use: KeyUse
  readonly startMs: number
  count: number
}

/**
 * Puts the use of keys inside the centre on record. The first use of a key for something by somebody in ten minutes is on record before
 * it is answered (`key.use`); how many there were is when the next ten minutes begin, or the centre stops (`key.uses`). Who kills the
 * centre loses that number, and not the fact.
 */
export class UseLog {
  readonly #centre: Centre
  readonly #windows = new Map<string, Window & { readonly recorded: Promise<void> }>()

  constructor(centre: Centre) {
    this.#centre = centre
  }

  /** Resolves when the use is on record. @throws what the store throws: then nothing may be answered */
  async record(use: KeyUse): Promise<void> {
    const name = Object.values(use).join('\n')
    const startMs = this.#centre.clock.nowMs()
    const before = this.#windows.get(name)
    if (before !== undefined && isOpen(before, startMs)) {
      before.count += 1
      await before.recorded
      return
    }
    const recorded = this.#centre.rows.update(async (draft) => {
      if (before !== undefined) await this.#appendCount(draft, before)
      await appendAudit(draft, { ...partsOf(use), act: 'key.use', timeMs: startMs })
    })
    const window = { use, startMs, count: 1, recorded }
    this.#windows.set(name, window)
    try {
      await recorded
    } catch (error) {
      if (this.#windows.get(name) === window) this.#windows.delete(name)
      throw error
    }
  }

  /** Puts the numbers of uses on record: of windows that have ended, or of all when the centre stops. */
  async flush(which: 'ended' | 'all'): Promise<void> {
    const nowMs = this.#centre.clock.nowMs()
    const due = [...this.#windows].filter(([, window]) => which === 'all' || !isOpen(window, nowMs))
    for (let at = 0; at < due.length; at += ENTRIES_AT_ONCE) {
      const some = due.slice(at, at + ENTRIES_AT_ONCE)
      await this.#centre.rows.update(async (draft) => {
        for (const [, window] of some) await this.#appendCount(draft, window)
      })
      for (const [name, window] of some) {
        if (this.#windows.get(name) === window) this.#windows.delete(name)
      }
    }
  }

  async #appendCount(draft: RowDraft, { use, startMs, count }: Window): Promise<void> {
    if (count < 2) return
    const { actor, details } = partsOf(use)
    const timeMs = this.#centre.clock.nowMs()
    const counted = { ...details, count, sinceMs: startMs }
    await appendAudit(draft, { actor, act: 'key.uses', details: counted, timeMs })
  }
}

function isOpen({ startMs }: Window, nowMs: number): boolean {
  return Math.abs(nowMs - startMs) < WINDOW_MS
}

function partsOf({ appId, keyId, operation, certificate }: KeyUse) {
  return { actor: appId, details: { appId, keyId, operation, certificate } }
}
