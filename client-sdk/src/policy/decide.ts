import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import type { DataClass, Importance, Tier } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'

import type { PolicyFacts } from './match.ts'
import { matches } from './match.ts'
import type { Lane, Policy, Treatment } from './schema.ts'

/** What a policy decides about one object. */
export interface Decision {
  /** Name of the rule that matched; `defaults` when none did. */
  readonly rule: string
  readonly dataClass: DataClass
  /** What the ledger shows as the class: 0 unless the policy discloses it. */
  readonly classCode: number
  readonly importance: Importance
  readonly level: 1 | 2
  readonly suite: 'aes-256-gcm' | 'xchacha20-poly1305' | 'sm4-ctr-hmac-sm3'
  /** `none` exactly at level 1. */
  readonly chaosProfile: 'none' | 'wide' | 'paper'
  readonly codec: 'zstd' | 'stored'
  /** 1–19; used where `codec` is `zstd` and the content gains by it. */
  readonly zstdLevel: number
  /** How many nodes hold the object, 2–16. */
  readonly copies: number
  /** Tiers that may hold it, the preferred one first (formats.md 10). */
  readonly tiers: readonly Tier[]
  readonly retentionDays: number
  /** Whether the steward may move a copy to another node. */
  readonly movable: boolean
  readonly lane: Lane
  /** Labels for the sealed manifest. */
  readonly labels: Readonly<Record<string, string>>
}

type Settled = {
  readonly [K in keyof Omit<Treatment, 'class' | 'labels'>]-?: NonNullable<Treatment[K]>
}

/** What holds where a policy is silent. Class and labels have no general value. */
const BASE_TREATMENT: Settled = {
  importance: 'routine',
  level: 2,
  suite: 'aes-256-gcm',
  chaos: 'wide',
  codec: 'zstd',
  zstdLevel: 3,
  copies: 2,
  otherTier: 'refuse',
  retentionDays: 365,
  disclose: true,
  movable: true,
  lane: 'normal',
}

/**
 * Decides how an object is treated. The first rule whose conditions all hold is used; what it does not set comes from the
 * policy's defaults, and then from {@link BASE_TREATMENT}. Depends on nothing but its arguments.
 *
 * @param overrides settings of one call, such as a level asked for on the command line; they go before the policy.
 * @throws OrlopError `LEVEL_UNSUPPORTED` when level 3 is asked for.
 */
export function decide(facts: PolicyFacts, policy: Policy, overrides: Treatment = {}): Decision {
  const rule = policy.rules.find(({ when }) => matches(when, facts))
  const layers = [policy.defaults, rule?.set ?? {}, overrides]
  const set = layers.reduce(settle, BASE_TREATMENT)
  const dataClass = layers.findLast((layer) => layer.class !== undefined)?.class ?? facts.dataClass
  const level = supportedLevel(set.level)
  return {
    rule: rule?.rule ?? 'defaults',
    dataClass,
    classCode: set.disclose ? DATA_CLASSES[dataClass] : DATA_CLASSES.undisclosed,
    importance: set.importance,
    level,
    suite: set.suite,
    chaosProfile: level === 1 ? 'none' : set.chaos,
    codec: set.codec,
    zstdLevel: set.zstdLevel,
    copies: set.copies,
    tiers: tiersFor(set.importance, set.otherTier === 'allow'),
    retentionDays: set.retentionDays,
    movable: set.movable,
    lane: set.lane,
    labels: { ...policy.defaults.labels, ...rule?.set.labels, ...overrides.labels },
  }
}

/** formats.md 10: what matters goes to heavy nodes only, routine data to light ones first. */
function tiersFor(importance: Importance, allowsOtherTier: boolean): readonly Tier[] {
  if (importance === 'routine') return ['light', 'heavy']
  return allowsOtherTier ? ['heavy', 'light'] : ['heavy']
}

function supportedLevel(level: 1 | 2 | 3): 1 | 2 {
  if (level !== 3) return level
  throw new OrlopError(
    'LEVEL_UNSUPPORTED',
    'Level 3 (data key split among custodians or bound to a card) is not in this release. Use level 2.',
  )
}

/** Lays `over` on `base`; what it leaves out, or gives as undefined, stays. */
function settle(base: Settled, over: Treatment): Settled {
  return {
    importance: over.importance ?? base.importance,
    level: over.level ?? base.level,
    suite: over.suite ?? base.suite,
    chaos: over.chaos ?? base.chaos,
    codec: over.codec ?? base.codec,
    zstdLevel: over.zstdLevel ?? base.zstdLevel,
    copies: over.copies ?? base.copies,
    otherTier: over.otherTier ?? base.otherTier,
    retentionDays: over.retentionDays ?? base.retentionDays,
    disclose: over.disclose ?? base.disclose,
    movable: over.movable ?? base.movable,
    lane: over.lane ?? base.lane,
  }
}
