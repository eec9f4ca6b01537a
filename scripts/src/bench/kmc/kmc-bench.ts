import { randomBytes } from '@orlop/crypto/bytes'
import { signReleaseRequest } from '@orlop/crypto/keys/release-request'
import type { KeyName } from '@orlop/kmc/keys/keys'
import type { RootRecord } from '@orlop/kmc/root/root-record'
import { isEtcdInstalled } from '@orlop/kmc/testkit/etcd-cluster'
import type { ReplicaTask } from '@orlop/kmc/testkit/replica-child'
import { TestRequester } from '@orlop/kmc/testkit/test-centre'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { percentile, summarize } from '../statistics.ts'
import { type CentreSetup, type RunningSetup, startSetup } from './centre-setup.ts'

const RUNS = 3
/** Asked for at the same time when operations per second are counted. */
const AT_ONCE = 16
const ACTS = ['generate', 'release', 'rotate'] as const
const COUNTS = { keys: 20, alone: 60, together: 200 }
const QUICK_COUNTS = { keys: 2, alone: 2, together: 4 }

const SETUPS: readonly CentreSetup[] = [
  { name: 'Level', replicas: 1, members: 0 },
  { name: 'etcd, 1 replica, 1 member', replicas: 1, members: 1 },
  { name: 'etcd, 3 replicas, 3 members', replicas: 3, members: 3 },
]

/** Key operations of the key management centre, without HTTP and TLS before it. */
export const kmcBench: Bench = {
  name: 'kmc',
  measures:
    'keys that a key management centre makes, releases and rotates, one at a time and 16 at once: in a folder, in etcd, and at three replicas',
  isDefault: false,
  limitMs: 600_000,
  async run(context) {
    const rows: BenchRow[] = []
    for (const setup of SETUPS) {
      if (setup.members > 0 && !isEtcdInstalled()) {
        context.skip(setup.name, 'etcd is not installed (Debian: apt-get install etcd-server)')
        continue
      }
      context.progress(setup.name)
      rows.push(...(await measureSetup(context, setup)))
    }
    return rows
  },
}

async function measureSetup(context: BenchContext, setup: CentreSetup): Promise<BenchRow[]> {
  const requester = new TestRequester('bench')
  const appIds = Array.from({ length: context.isQuick ? 1 : RUNS }, (_, run) => `run-${run}`)
  const running = await startSetup(setup, context.folder, { requester, appIds })
  const measured = new Map(ACTS.map((act) => [act, noValues()]))
  try {
    for (const appId of appIds) {
      const maker = new TaskMaker(running.record, requester, {
        appId,
        keys: context.isQuick ? QUICK_COUNTS.keys : COUNTS.keys,
      })
      for (const [act, values] of measured) {
        context.signal.throwIfAborted()
        if (act === 'release') await ask(running, maker.activations(), 1)
        await measureAct(running, (count) => maker.tasks(act, count), {
          values,
          counts: context.isQuick ? QUICK_COUNTS : COUNTS,
        })
      }
    }
  } finally {
    await running.stop()
  }
  return [...measured].flatMap(([act, values]) => rowsOf(`${setup.name}: ${act}`, values))
}

const noValues = (): Values => ({ perSecond: [], p50: [], p95: [] })

interface Values {
  readonly perSecond: number[]
  readonly p50: number[]
  readonly p95: number[]
}

async function measureAct(
  running: RunningSetup,
  makeTasks: (count: number) => readonly ReplicaTask[],
  { values, counts }: { readonly values: Values; readonly counts: typeof COUNTS },
): Promise<void> {
  const alone = await ask(running, makeTasks(counts.alone), 1)
  values.p50.push(percentile(alone.latenciesMs, 50))
  values.p95.push(percentile(alone.latenciesMs, 95))
  const together = await ask(running, makeTasks(counts.together), AT_ONCE)
  values.perSecond.push((1000 * counts.together) / together.tookMs)
}

function rowsOf(metric: string, { perSecond, p50, p95 }: Values): BenchRow[] {
  return [
    summarize({ metric: `${metric}, ${AT_ONCE} at once`, unit: '/s', values: perSecond }),
    summarize({ metric: `${metric}, one at a time, p50`, unit: 'ms', values: p50 }),
    summarize({ metric: `${metric}, one at a time, p95`, unit: 'ms', values: p95 }),
  ]
}

/** Asks the replicas by turns, so many at a time. */
async function ask(
  { replicas }: RunningSetup,
  tasks: readonly ReplicaTask[],
  concurrency: number,
): Promise<{ readonly latenciesMs: number[]; readonly tookMs: number }> {
  const latenciesMs: number[] = []
  const startedMs = performance.now()
  const waiting = [...tasks.entries()]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, task] = next
      const askedMs = performance.now()
      await replicas[at % replicas.length]?.ask(task)
      latenciesMs.push(performance.now() - askedMs)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return { latenciesMs, tookMs: performance.now() - startedMs }
}

/** Makes tasks about the keys of one application; everything that a requester does is done before time is taken. */
class TaskMaker {
  readonly #record: RootRecord
  readonly #requester: TestRequester
  readonly #keys: { readonly appId: string; readonly keys: number }
  #made = 0

  constructor(
    record: RootRecord,
    requester: TestRequester,
    keys: { readonly appId: string; readonly keys: number },
  ) {
    this.#record = record
    this.#requester = requester
    this.#keys = keys
  }

  /** Of the keys that are released and rotated, once they are generated. */
  activations(): ReplicaTask[] {
    return Array.from({ length: this.#keys.keys }, (_, at) => ({
      type: 'activate',
      name: this.#name(at),
    }))
  }

  tasks(act: (typeof ACTS)[number], count: number): ReplicaTask[] {
    return Array.from({ length: count }, (_, at): ReplicaTask => {
      if (act === 'generate') return { type: act, name: this.#name(this.#made++) }
      const name = this.#name(at % this.#keys.keys)
      return act === 'rotate' ? { type: act, name } : { type: act, signed: this.#sign(name) }
    })
  }

  #name(at: number): KeyName {
    return { appId: this.#keys.appId, keyId: `key-${at}` }
  }

  #sign(name: KeyName) {
    const { requesterId, signingSecret } = this.#requester
    const request = {
      ...name,
      requesterId,
      purpose: 'open',
      version: null,
      requestId: randomBytes(16),
      timeMs: Date.now(),
    } as const
    return signReleaseRequest(this.#record.set.setId, request, signingSecret)
  }
}
