import { type AuditEntry, decodeAuditEntry } from '../audit/audit-entry.ts'
import { auditHead, readAudit } from '../audit/audit-log.ts'
import { verifyAudit } from '../audit/verify-audit.ts'
import { openEtcdKeyStore } from '../store/etcd-key-store.ts'
import type { EtcdCluster } from './etcd-cluster.ts'
import { Replica, ReplicaError } from './replica.ts'
import { ReplicaSet } from './replica-set.ts'
import { openTestCentre, policyFor, type TestCentre, TestRequester } from './test-centre.ts'
import { TrialKey } from './trial-key.ts'

/** Acts of the audit log that stand for a task. */
const TASKS = ['generate', 'activate', 'rotate', 'revoke', 'release'] as const
/** The record of an application's requests grows with them for two minutes, and is written anew for each. */
const KEYS_PER_APPLICATION = 200
const TASKS_PER_KEY = 10

export interface TrialOptions {
  readonly cluster: EtcdCluster
  readonly replicas: number
  /** How many keys live their lives at the same time. */
  readonly workers: number
  /** So many tasks are acknowledged at least. */
  readonly tasks: number
  /** Whenever so many more tasks were acknowledged, a replica or a member is killed, or started again. */
  readonly tasksPerStep: number
  readonly signal?: AbortSignal
}

export interface TrialReport {
  readonly acknowledged: number
  /** Tries after which nobody knew whether the task was done, or it was not. */
  readonly unknown: number
  readonly kills: { readonly replicas: number; readonly members: number }
  readonly auditEntries: number
  /** What was lost, done twice, or changed; nothing of that may be. */
  readonly faults: readonly string[]
}

/**
 * Lets many keys live at several replicas over one cluster, of which any may be killed at any moment; seals all by sealing one; and checks
 * what is left.
 */
export class ReplicaTrial {
  readonly #options: TrialOptions
  readonly #centre: TestCentre
  readonly #replicas: ReplicaSet
  readonly #requester = new TestRequester('device')
  readonly #keys: TrialKey[] = []
  readonly #kills = { replicas: 0, members: 0 }
  #acknowledged = 0
  #disturbing: Promise<void> | null = null
  #nextStepAt: number
  #steps = 0

  private constructor(options: TrialOptions, centre: TestCentre, replicas: ReplicaSet) {
    this.#options = options
    this.#centre = centre
    this.#replicas = replicas
    this.#nextStepAt = options.tasksPerStep
  }

  static async run(options: TrialOptions): Promise<TrialReport> {
    const urls = options.cluster.urls
    const store = await openEtcdKeyStore({ urls })
    const centre = await openTestCentre(store)
    const shares = centre.shares.slice(0, 2)
    const replicas = await ReplicaSet.start(options.replicas, () =>
      Replica.start({ store: { type: 'etcd', urls }, shares }),
    )
    try {
      const trial = new ReplicaTrial(options, centre, replicas)
      await trial.#createApplications()
      return await trial.#run()
    } finally {
      await replicas.killAll()
      await store.close()
    }
  }

  async #run(): Promise<TrialReport> {
    await Promise.all(Array.from({ length: this.#options.workers }, () => this.#work()))
    await this.#disturbing
    await this.#sealAll()
    const entries: AuditEntry[] = []
    const faults: string[] = []
    for await (const bytes of readAudit(this.#centre.store)) entries.push(decodeAuditEntry(bytes))
    const head = await auditHead(this.#centre.rows)
    const { firstBad } = await verifyAudit(readAudit(this.#centre.store), [head])
    if (firstBad !== null) faults.push(`audit entry ${firstBad.number} is ${firstBad.fault}`)
    const counts = countActs(entries)
    for (const key of this.#keys) faults.push(...(await this.#check(key, counts)))
    const unknown = this.#keys
      .flatMap((key) => Object.values(key.done))
      .reduce((sum, { maybe }) => sum + maybe, 0)
    const acknowledged = this.#acknowledged
    return { acknowledged, unknown, kills: this.#kills, auditEntries: entries.length, faults }
  }

  async #work(): Promise<void> {
    const { tasks, signal } = this.#options
    while (this.#acknowledged < tasks) {
      signal?.throwIfAborted()
      const number = this.#keys.length
      const key = new TrialKey({
        replicas: this.#replicas,
        record: this.#centre.record,
        requester: this.#requester,
        name: { appId: applicationOf(number), keyId: `key-${number}` },
        acknowledged: () => this.#acknowledge(),
      })
      this.#keys.push(key)
      await key.live()
    }
  }
  /** Seals one replica, and ends when all that live are sealed. */
  async #sealAll(): Promise<void> {
    const asked = this.#replicas.next()
    await asked.ask({ type: 'seal' })
    for (let sealed = 0; sealed < this.#options.replicas;) {
      const task = { type: 'activate', name: { appId: 'none', keyId: 'none' } } as const
      const error: unknown = await this.#replicas
        .next()
        .ask(task)
        .catch((reason: unknown) => reason)
      sealed = error instanceof ReplicaError && error.code === 'CENTRE_SEALED' ? sealed + 1 : 0
    }
  }

  async #createApplications(): Promise<void> {
    const keys = this.#options.tasks / TASKS_PER_KEY + this.#options.workers
    const limits = { maxKeys: 10_000, maxReleasesPerHour: 4096 }
    const policy = policyFor([this.#requester], limits)
    for (let number = 0; number <= keys; number += KEYS_PER_APPLICATION) {
      await this.#centre.applications.create('trial', applicationOf(number), policy)
    }
  }

  #acknowledge(): void {
    this.#acknowledged += 1
    if (this.#acknowledged < this.#nextStepAt || this.#disturbing !== null) return
    this.#disturbing = this.#disturb().finally(() => {
      this.#disturbing = null
      this.#nextStepAt = this.#acknowledged + this.#options.tasksPerStep
    })
  }

  /** By turns each replica and each member, so that a leader dies as often as others; for a while one of each is dead. */
  async #disturb(): Promise<void> {
    const { cluster, replicas } = this.#options
    const kills = this.#kills
    switch (this.#steps++ % 4) {
      case 0:
        await this.#replicas.kill(kills.replicas++ % replicas)
        break
      case 1:
        await cluster.kill(kills.members++ % cluster.urls.length)
        break
      case 2:
        await this.#replicas.restart((kills.replicas - 1) % replicas)
        break
      default:
        await cluster.restart((kills.members - 1) % cluster.urls.length)
    }
  }

  async #check(key: TrialKey, counts: ReadonlyMap<string, number>): Promise<string[]> {
    const { appId, keyId } = key.name
    const at = `the key ${appId}/${keyId}`
    const faults: string[] = []
    const found = await this.#centre.keys.get(key.name)
    if (found?.state !== 'revoked') faults.push(`${at} is ${found?.state ?? 'lost'}`)
    const { least, most } = key.versions
    const versions = found?.versions.length ?? 0
    if (versions < least || versions > most) faults.push(`${at} has ${versions} versions`)
    for (const task of TASKS) {
      const { sure, maybe } = key.done[task] ?? { sure: 0, maybe: 0 }
      const count = counts.get(`key.${task} ${appId}/${keyId}`) ?? 0
      const isRight = count >= sure && count <= sure + maybe
      if (!isRight)
        faults.push(`${at}: ${task} was acknowledged ${sure} times, done ${count} times`)
    }
    return faults
  }
}

function applicationOf(keyNumber: number): string {
  return `app-${Math.floor(keyNumber / KEYS_PER_APPLICATION)}`
}

function countActs(entries: readonly AuditEntry[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { act, details } of entries) {
    const name = `${act} ${String(details['appId'])}/${String(details['keyId'])}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}
