import { CardPool } from '@orlop/crypto/cards/pool/card-pool'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { type Algorithm, algorithmSchema, type Policy } from '../keys/records.ts'
import { openTestCentre, policyFor, type TestCentre } from '../testkit/test-centre.ts'
import { Platform } from './platform.ts'

/** A centre with the application `voyage`, and for it active keys, named after their algorithms. */
export interface PlatformFixture {
  readonly centre: TestCentre
  readonly platform: Platform
  /** What was told of operations. */
  readonly told: { readonly name: string; readonly outcome: string }[]
  readonly stop: () => Promise<void>
}

export const VOYAGE = { appId: 'voyage', certificate: '4'.repeat(32) }

/** @param keys - of which algorithms; of all unless given. */
export async function openPlatformFixture(
  policy: Partial<Policy> = {},
  keys: readonly Algorithm[] = algorithmSchema.options,
): Promise<PlatformFixture> {
  const centre = await openTestCentre()
  const algorithms = [...algorithmSchema.options]
  const whole = policyFor([], { algorithms, maxKeys: 100, ...policy })
  await centre.applications.create('anna', 'voyage', whole)
  for (const algorithm of keys) await addKey(centre, algorithm, algorithm)
  const pool = new CardPool({ name: 'test', defaultQuota: { maxConcurrent: 4, maxWaiting: 64 } })
  pool.add({ name: 'software', maxConcurrent: 8, open: () => openSoftwareCard() })
  const told: { name: string; outcome: string }[] = []
  const meter = { operation: (name: string, outcome: string) => told.push({ name, outcome }) }
  return {
    centre,
    platform: new Platform({ centre, pool, software: null, meter }),
    told,
    stop: () => pool.close(),
  }
}

export async function addKey(centre: TestCentre, keyId: string, algorithm: Algorithm) {
  await centre.keys.generate('anna', { appId: 'voyage', keyId, algorithm })
  await centre.keys.activate('anna', { appId: 'voyage', keyId })
}
