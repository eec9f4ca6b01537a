import { EtcdCluster, isEtcdInstalled } from '@orlop/kmc/testkit/etcd-cluster'
import { ReplicaTrial } from '@orlop/kmc/testkit/replica-trial'
import type { Bench, BenchRow } from '../bench.ts'
import { summarize } from '../statistics.ts'

const PLAN = { replicas: 3, workers: 12, tasks: 10_000, tasksPerStep: 50 }
const QUICK_PLAN = { replicas: 2, workers: 4, tasks: 60, tasksPerStep: 10 }

/** Ten thousand key operations while replicas and members of etcd are killed: what was acknowledged must be there, once. */
export const kmcChaosBench: Bench = {
  name: 'kmc-chaos',
  measures:
    'key operations at three replicas over three members of etcd, which are killed by turns: what of the acknowledged is lost or done twice',
  isDefault: false,
  limitMs: 1_500_000,
  async run(context) {
    if (!isEtcdInstalled()) {
      context.skip('everything', 'etcd is not installed (Debian: apt-get install etcd-server)')
      return []
    }
    const plan = context.isQuick ? QUICK_PLAN : PLAN
    const cluster = await EtcdCluster.start({ members: 3 })
    try {
      const startedMs = performance.now()
      const report = await ReplicaTrial.run({ ...plan, cluster, signal: context.signal })
      const seconds = (performance.now() - startedMs) / 1000
      for (const fault of report.faults) context.progress(fault)
      return [
        one('operations acknowledged', '', report.acknowledged, { atLeast: plan.tasks }),
        one('of them lost, done twice or changed', '', report.faults.length, { atMost: 0 }),
        one('replicas killed', '', report.kills.replicas),
        one('members of etcd killed', '', report.kills.members),
        one('tries whose outcome was unknown', '', report.unknown),
        one('operations, with the deaths', '/s', report.acknowledged / seconds),
      ]
    } finally {
      await cluster.remove()
    }
  },
}

function one(metric: string, unit: string, value: number, bar?: BenchRow['bar']): BenchRow {
  return summarize({ metric, unit, values: [value], ...(bar === undefined ? {} : { bar }) })
}
