import { setTimeout as delay } from 'node:timers/promises'
import { KmcError } from '../kmc-error.ts'
import { type KeyStore, MAX_PAGE_ROWS, type StoreEvent } from '../store/key-store.ts'
import { type AuditEntry, decodeAuditEntry } from './audit-entry.ts'
import { ENTRIES, entryKey } from './audit-log.ts'

/** Before a lost watch is begun anew. */
const PAUSE_MS = 250

/** What {@link AuditFollower} needs. */
export interface FollowAuditOptions {
  readonly store: KeyStore
  /** Entries up to this number are known already. */
  readonly after: number
  /**
   * Called for every later entry, whichever replica wrote it: in order, none left out and none twice. They are unchecked (`verifyAudit`);
   * one that is no entry is passed over.
   */
  readonly onEntry: (entry: AuditEntry) => void
}

/** Hears of what all replicas do, as they do it. While the store cannot be reached it hears nothing; afterwards it catches up. */
export class AuditFollower {
  readonly #options: FollowAuditOptions
  readonly #stopped = new AbortController()
  readonly #running: Promise<void>
  #last: number

  constructor(options: FollowAuditOptions) {
    this.#options = options
    this.#last = options.after
    this.#running = this.#run()
  }

  /** Calls no more once it resolves. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        await this.#follow()
      } catch (error) {
        if (error instanceof KmcError && error.code === 'STORE_CLOSED') return
        await delay(PAUSE_MS, null, { signal, ref: false }).catch(() => undefined)
      }
    }
  }

  /** Follows until it is stopped. @throws KmcError when the watch is lost. */
  async #follow(): Promise<void> {
    const { promise: over, resolve, reject } = Promise.withResolvers<null>()
    const early: StoreEvent[] = []
    let take = (event: StoreEvent): void => void early.push(event)
    const watch = await this.#options.store.watch(ENTRIES, {
      changed: (event) => take(event),
      lost: reject,
    })
    const { signal } = this.#stopped
    const stop = () => resolve(null)
    signal.addEventListener('abort', stop, { once: true })
    over.catch(() => undefined)
    try {
      // What came while nobody watched; what comes while that is read waits.
      await this.#catchUp()
      take = (event) => this.#take(event)
      early.forEach(take)
      if (!signal.aborted) await over
    } finally {
      signal.removeEventListener('abort', stop)
      watch.stop()
    }
  }

  async #catchUp(): Promise<void> {
    for (let after = entryKey(this.#last); ;) {
      const rows = await this.#options.store.list({ prefix: ENTRIES, after, limit: MAX_PAGE_ROWS })
      if (rows.length === 0) return
      for (const { key, value } of rows) this.#tell(key, value)
      after = rows.at(-1)?.key ?? after
    }
  }

  #take({ changes }: StoreEvent): void {
    for (const change of changes) {
      if (change.type === 'put') this.#tell(change.key, change.value)
    }
  }

  #tell(key: string, bytes: Uint8Array): void {
    const number = Number(key.slice(ENTRIES.length))
    // Not also for what is no number.
    if (!(number > this.#last)) return
    this.#last = number
    const entry = tryDecode(bytes)
    if (entry !== null && !this.#stopped.signal.aborted) this.#options.onEntry(entry)
  }
}

function tryDecode(bytes: Uint8Array): AuditEntry | null {
  try {
    return decodeAuditEntry(bytes)
  } catch {
    return null
  }
}
