import type * as z from 'zod'
import { KmcError } from '../../kmc-error.ts'
import type { Change, Watch, Watcher } from '../key-store.ts'
import { watchAnswer } from './answers.ts'
import type { EtcdConnection, WatchStream } from './etcd-connection.ts'

const DELETE = 1

/** What {@link EtcdWatch} needs. */
export interface EtcdWatchOptions {
  readonly connection: EtcdConnection
  /** The first key, and the first that does not belong to the range any more. */
  readonly range: { readonly key: Uint8Array; readonly range_end: Uint8Array }
  /** The store's key for one of etcd. */
  readonly keyOf: (key: Uint8Array) => string
  readonly watcher: Watcher
  /** Called once, when it is stopped or lost. */
  readonly over: (watch: EtcdWatch) => void
}

/** Watches a range at one member. It is lost when that member loses its leader, or is gone. */
export class EtcdWatch implements Watch {
  readonly #options: EtcdWatchOptions
  readonly #member: string
  readonly #stream: WatchStream
  readonly #created = Promise.withResolvers<this>()
  #state: 'opening' | 'open' | 'over' = 'opening'

  private constructor(options: EtcdWatchOptions) {
    this.#options = options
    const { member, stream } = options.connection.openWatch()
    this.#member = member
    this.#stream = stream
    // Stays for as long as the stream, which ends with an error when it is cancelled.
    stream.on('error', (error) => this.#lose(error))
    stream.on('end', () => this.#lose(new Error('the member ended the watch')))
    stream.on('data', (data: object) => this.#take(data))
    stream.write({ create_request: options.range })
  }

  /** Resolves when it watches. @throws KmcError `STORE_UNREACHABLE` when the member does not answer in time. */
  static async open(options: EtcdWatchOptions, timeoutMs: number): Promise<EtcdWatch> {
    const watch = new EtcdWatch(options)
    const timer = setTimeout(() => watch.#lose(new Error('no answer in time')), timeoutMs)
    try {
      return await watch.#created.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends the watch for a reason that its watcher is told. */
  end(reason: KmcError): void {
    this.#lose(reason)
  }

  stop(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#stream.cancel()
    this.#options.over(this)
  }

  #take(data: object): void {
    if (this.#state === 'over') return
    try {
      this.#options.connection.checkCluster(this.#member, data)
      const { canceled, cancel_reason, created, events } = watchAnswer.parse(data)
      if (canceled) throw new Error(cancel_reason)
      if (!created) {
        this.#tell(events)
        return
      }
      this.#state = 'open'
      this.#created.resolve(this)
    } catch (error) {
      this.#lose(error)
    }
  }

  /** One answer may have several transactions; never a part of one. */
  #tell(events: readonly EtcdEvent[]): void {
    const { keyOf, watcher } = this.#options
    const byRevision = Map.groupBy(events, ({ kv }) => kv.mod_revision)
    for (const [revision, those] of byRevision) {
      const changes = those.map(({ type, kv }): Change => {
        const key = keyOf(kv.key)
        return type === DELETE ? { type: 'delete', key } : { type: 'put', key, value: kv.value }
      })
      watcher.changed({ revision, changes })
    }
  }

  #lose(cause: unknown): void {
    if (this.#state === 'over') return
    const wasOpen = this.#state === 'open'
    this.stop()
    this.#options.connection.leave(this.#member)
    const error = lost(this.#member, cause)
    if (wasOpen) this.#options.watcher.lost(error)
    else this.#created.reject(error)
  }
}

type EtcdEvent = z.infer<typeof watchAnswer>['events'][number]

function lost(member: string, cause: unknown): KmcError {
  if (cause instanceof KmcError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new KmcError(
    'STORE_UNREACHABLE',
    `The watch at ${member} was lost: forget what it kept up to date, and watch anew.`,
    { cause, details: { member, reason } },
  )
}
