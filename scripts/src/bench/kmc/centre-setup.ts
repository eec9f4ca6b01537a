import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import type { RootRecord } from '@orlop/kmc/root/root-record'
import { openEtcdKeyStore } from '@orlop/kmc/store/etcd-key-store'
import type { KeyStore } from '@orlop/kmc/store/key-store'
import { LevelKeyStore } from '@orlop/kmc/store/level-key-store'
import { EtcdCluster } from '@orlop/kmc/testkit/etcd-cluster'
import { Replica } from '@orlop/kmc/testkit/replica'
import type { StorePlan } from '@orlop/kmc/testkit/replica-child'
import { openTestCentre, policyFor, type TestRequester } from '@orlop/kmc/testkit/test-centre'

/** A centre as it is set up. */
export interface CentreSetup {
  readonly name: string
  readonly replicas: number
  /** Of etcd; 0 for a store in a folder. */
  readonly members: number
}

/** What is measured. */
export interface RunningSetup {
  readonly replicas: readonly Replica[]
  readonly record: RootRecord
  stop(): Promise<void>
}

/** Makes a centre with applications whose keys the requester may have, and starts its replicas. */
export async function startSetup(
  setup: CentreSetup,
  folder: string,
  { requester, appIds }: { readonly requester: TestRequester; readonly appIds: readonly string[] },
): Promise<RunningSetup> {
  const cluster = setup.members === 0 ? null : await EtcdCluster.start({ members: setup.members })
  const replicas: Replica[] = []
  const stop = async () => {
    await Promise.all(replicas.map((replica) => replica.kill()))
    await cluster?.remove()
  }
  try {
    const plan = await storePlan(cluster, folder)
    const store = await openStore(plan)
    const { record, shares, applications } = await openTestCentre(store)
    const policy = policyFor([requester], { maxKeys: 10_000, maxReleasesPerHour: 4096 })
    for (const appId of appIds) await applications.create('bench', appId, policy)
    await store.close()
    while (replicas.length < setup.replicas) {
      replicas.push(await Replica.start({ store: plan, shares: shares.slice(0, 2) }))
    }
    return { replicas, record, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function storePlan(cluster: EtcdCluster | null, folder: string): Promise<StorePlan> {
  if (cluster !== null) return { type: 'etcd', urls: cluster.urls }
  return { type: 'level', folder: await mkdtemp(join(folder, 'store-')) }
}

function openStore(plan: StorePlan): Promise<KeyStore> {
  return plan.type === 'etcd' ? openEtcdKeyStore(plan) : LevelKeyStore.open(plan.folder)
}
