import * as z from 'zod'

import { DATA_CLASSES, IMPORTANCES } from '@orlop/protocol/data-classes'
import type { DataClass, Importance } from '@orlop/protocol/data-classes'
import { MAX_STRIPS } from '@orlop/protocol/limits'

import { custodySchema } from './custody.ts'

/** Order in which uploads of the same importance leave the ship: a lane goes before every later one. */
const LANES = ['urgent', 'normal', 'bulk'] as const
/** One copy is never enough on the network (formats.md 10). */
const MIN_COPIES = 2

const SUITES = ['aes-256-gcm', 'xchacha20-poly1305', 'sm4-ctr-hmac-sm3', 'sm4-gcm'] as const
const MAX_RULES = 1000
const MAX_PATTERNS = 100
const MAX_PATTERN_CHARACTERS = 512
const MAX_RETENTION_DAYS = 36_500
const MAX_ZSTD_LEVEL = 19
const MAX_LABELS = 32
const MAX_SIZE_BYTES = 2 ** 53 - 1

const classNames = Object.keys(DATA_CLASSES).filter((name) => name !== 'undisclosed') as [
  DataClass,
  ...DataClass[],
]
const importanceNames = Object.keys(IMPORTANCES) as [Importance, ...Importance[]]
const dataClass = z.enum(classNames)

/** Either one value or a list of them; a condition holds when any of them does. */
function oneOrMany<T extends z.ZodType>(item: T) {
  return z.union([item.transform((one) => [one]), z.array(item).min(1).max(MAX_PATTERNS)])
}

const pattern = z.string().min(1).max(MAX_PATTERN_CHARACTERS)
const sizeBytes = z.int().min(0).max(MAX_SIZE_BYTES)

const condition = z
  .strictObject({
    class: oneOrMany(dataClass),
    format: oneOrMany(pattern),
    name: oneOrMany(pattern),
    folder: oneOrMany(pattern),
    minBytes: sizeBytes,
    maxBytes: sizeBytes,
  })
  .partial()

const labels = z
  .record(z.string().min(1).max(128), z.string().max(1024))
  .refine((all) => Object.keys(all).length <= MAX_LABELS, `At most ${MAX_LABELS} labels.`)

/** Settings as a rule gives them, or as a caller does for one object. */
export const treatmentSchema = z
  .strictObject({
    class: dataClass,
    importance: z.enum(importanceNames),
    level: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    suite: z.enum(SUITES),
    /** At level 3. */
    custody: custodySchema,
    chaos: z.enum(['wide', 'paper']),
    codec: z.enum(['zstd', 'stored']),
    zstdLevel: z.int().min(1).max(MAX_ZSTD_LEVEL),
    copies: z.int().min(MIN_COPIES).max(MAX_STRIPS),
    otherTier: z.enum(['refuse', 'allow']),
    retentionDays: z.int().min(1).max(MAX_RETENTION_DAYS),
    disclose: z.boolean(),
    movable: z.boolean(),
    lane: z.enum(LANES),
    labels,
  })
  .partial()

const rule = z.strictObject({
  rule: z.string().min(1).max(128),
  when: condition.optional(),
  set: treatmentSchema,
})

/** What a policy file may say; unknown words are refused, so that a misspelt one is not silently without effect. */
export const policySchema = z.strictObject({
  version: z.literal(1),
  defaults: treatmentSchema.default({}),
  rules: z.array(rule).max(MAX_RULES).default([]),
})

export type Lane = (typeof LANES)[number]
export type Condition = z.output<typeof condition>
export type Treatment = z.output<typeof treatmentSchema>
export type PolicyRule = z.output<typeof rule>
/** A validated policy: rules in order, of which the first that matches is used, and what holds where it says nothing. */
export type Policy = z.output<typeof policySchema>
