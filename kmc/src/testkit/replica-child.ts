import { randomBytes } from '@orlop/crypto/bytes'
import type { SecretShare } from '@orlop/crypto/thresholds/secret-shares'
import { systemClock } from '@orlop/protocol/clock'
import { appendAudit, lastAuditNumber } from '../audit/audit-log.ts'
import { type Centre, composeCentre } from '../centre.ts'
import { Applications } from '../keys/applications.ts'
import { type KeyName, Keys } from '../keys/keys.ts'
import type { Policy } from '../keys/records.ts'
import type { SignedReleaseRequest } from '@orlop/crypto/keys/release-request'
import type { Release } from '@orlop/crypto/keys/key-release'
import { Releases } from '../keys/releases.ts'
import { KmcError } from '../kmc-error.ts'
import { MonitoredSource } from '../random/monitored-source.ts'
import { loadRootRecord } from '../root/root-record.ts'
import { Seal } from '../root/seal.ts'
import { SEAL_ACT, SealTogether } from '../root/seal-together.ts'
import { openEtcdKeyStore } from '../store/etcd-key-store.ts'
import type { KeyStore } from '../store/key-store.ts'
import { LevelKeyStore } from '../store/level-key-store.ts'

/** Where a replica has its rows. */
export type StorePlan =
  | { readonly type: 'etcd'; readonly urls: readonly string[] }
  | { readonly type: 'level'; readonly folder: string }

/** What a replica is started with. */
export interface ReplicaPlan {
  readonly store: StorePlan
  /** Enough to unseal. */
  readonly shares: readonly SecretShare[]
}

/** What a replica can be asked for. */
export type ReplicaTask =
  | { readonly type: 'create'; readonly appId: string; readonly policy: Policy }
  | { readonly type: 'generate' | 'activate' | 'rotate' | 'revoke'; readonly name: KeyName }
  | { readonly type: 'release'; readonly signed: SignedReleaseRequest }
  | { readonly type: 'seal' }

/** What it answers. */
export type ReplicaAnswer = { readonly number: number } & (
  | { readonly release?: Release; readonly versions?: number }
  | { readonly code: string; readonly message: string }
)

const ACTOR = 'trial'

/** A centre's replica as a process of its own: does what its parent asks until it is killed. */
process.once('message', (plan: ReplicaPlan) => void serve(plan))
process.once('disconnect', () => process.exit())

async function serve({ store: storePlan, shares }: ReplicaPlan): Promise<void> {
  const store = await openStore(storePlan)
  const record = await loadRootRecord(store)
  if (record === null) throw new Error('the store has no root record')
  const seal = new Seal(record)
  for (const share of shares) await seal.submit(share)
  const random = new MonitoredSource({
    source: randomBytes,
    clock: systemClock,
    tests: [],
    sequenceBytes: 1,
  })
  await random.test()
  const centre = composeCentre({ store, seal, random, clock: systemClock })
  await new SealTogether(centre, () => undefined).start(await lastAuditNumber(store))
  const parts = {
    centre,
    applications: new Applications(centre),
    keys: new Keys(centre),
    releases: new Releases(centre),
  }
  process.on('message', ({ number, task }: { number: number; task: ReplicaTask }) => {
    void answer(number, perform(parts, task))
  })
  process.send?.({ ready: true })
}

function openStore(plan: StorePlan): Promise<KeyStore> {
  return plan.type === 'etcd' ? openEtcdKeyStore(plan) : LevelKeyStore.open(plan.folder)
}

interface Parts {
  readonly centre: Centre
  readonly applications: Applications
  readonly keys: Keys
  readonly releases: Releases
}

async function perform(
  { centre, applications, keys, releases }: Parts,
  task: ReplicaTask,
): Promise<{ release?: Release; versions?: number }> {
  switch (task.type) {
    case 'create':
      await applications.create(ACTOR, task.appId, task.policy)
      return {}
    case 'seal':
      await sealAll(centre)
      return {}
    case 'release':
      return { release: await releases.release(task.signed) }
    case 'generate': {
      const key = await keys.generate(ACTOR, { ...task.name, algorithm: 'aes-256-gcm' })
      return { versions: key.versions.length }
    }
    case 'activate':
    case 'rotate':
    case 'revoke': {
      const key = await keys[task.type](ACTOR, task.name)
      return { versions: key.versions.length }
    }
  }
}

async function sealAll({ rows, seal }: Centre): Promise<void> {
  const act = { timeMs: Date.now(), actor: ACTOR, act: SEAL_ACT, details: {} }
  await rows.update((draft) => appendAudit(draft, act))
  seal.seal()
}

async function answer(number: number, work: Promise<object>): Promise<void> {
  try {
    process.send?.({ number, ...(await work) })
  } catch (error) {
    const code = error instanceof KmcError ? error.code : 'UNEXPECTED'
    const message = error instanceof Error ? error.message : String(error)
    process.send?.({ number, code, message })
  }
}
