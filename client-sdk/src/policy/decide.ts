import { DATA_CLASSES } from '@orlop/protocol/data-classes'
import type { SuiteName } from '@orlop/crypto/format/header'
import type { DataClass, Importance, Tier } from '@orlop/protocol/data-classes'
import { OrlopError } from '@orlop/protocol/errors'

import type { PolicyFacts } from './match.ts'
import { matches } from './match.ts'
import type { Custody } from './custody.ts'
import type { Lane, Policy, Treatment } from './schema.ts'

/** What a policy decides about one object. */
export interface Decision {
  /** Name of the rule that matched; `defaults` when none did. */
  readonly rule: string
  readonly dataClass: DataClass
  /** What the ledger shows as the class: 0 unless the policy discloses it. */
  readonly classCode: number
  readonly importance: Importance
  readonly level: 1 | 2 | 3
  /** Who keeps the key: exactly at level 3; null otherwise. */
  readonly custody: Custody | null
  readonly suite: SuiteName
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
  readonly [K in keyof Omit<Treatment, 'class' | 'labels' | 'custody'>]-?: NonNullable<Treatment[K]>
}

/** What holds where a policy is silent. Class, labels and custody have no general value. */
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
 * @throws OrlopError `LEVEL_UNSUPPORTED` when level 3 is asked for, and nothing says who keeps the key; `USAGE` when a call names
 *   custodians and another level.
 */
export function decide(facts: PolicyFacts, policy: Policy, overrides: Treatment = {}): Decision {
  const rule = policy.rules.find(({ when }) => matches(when, facts))
  const layers = [policy.defaults, rule?.set ?? {}, overrides]
  const set = layers.reduce(settle, BASE_TREATMENT)
  const dataClass = layers.findLast((layer) => layer.class !== undefined)?.class ?? facts.dataClass
  const named = layers.findLast((layer) => layer.custody !== undefined)?.custody ?? null
  const level = levelOf(set.level, named, overrides)
  return {
    rule: rule?.rule ?? 'defaults',
    dataClass,
    classCode: set.disclose ? DATA_CLASSES[dataClass] : DATA_CLASSES.undisclosed,
    importance: set.importance,
    level,
    custody: level === 3 ? named : null,
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

/** Who names custodians for one object means level 3: it would be worse to leave them out without a word. */
function levelOf(level: 1 | 2 | 3, custody: Custody | null, overrides: Treatment): 1 | 2 | 3 {
  if (overrides.custody !== undefined) {
    if ((overrides.level ?? 3) === 3) return 3
    throw new OrlopError(
      'USAGE',
      `Custodians go with level 3, not with level ${overrides.level}. Leave the level out, or the custodians.`,
    )
  }
  if (level !== 3 || custody !== null) return level
  throw new OrlopError(
    'LEVEL_UNSUPPORTED',
    'Level 3 needs somebody who keeps the key. Name custodians and how many of them open it together (--custodian, --threshold), or an SM2 key (--custody-key); or use level 2.',
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
