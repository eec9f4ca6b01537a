import * as z from 'zod'
import { isOpeningKey } from '@orlop/crypto/keys/key-release'
import { hexBytes, hexBytesUpTo } from '@orlop/protocol/centre/hex-bytes'
import { MAX_KEY_VERSIONS } from '@orlop/protocol/centre/release'
import { MAX_ENTRY_BYTES } from '../audit/audit-entry.ts'
import { KEY_LIFE, type KeyState } from '../keys/key-states.ts'
import {
  algorithmSchema,
  haveNamesOfTheirOwn,
  nameSchema,
  NO_OPENING_KEY,
  POLICY_LIMITS,
  TWICE,
} from '../keys/records.ts'
import { timeMs } from './values.ts'

/** Longest name of an act's author, or of a test. */
const MAX_TEXT = 1024

export const sealJson = z.object({
  state: z.enum(['sealed', 'collecting', 'unsealed']),
  /** Numbers of the shares that were given, from 1. */
  given: z.array(z.int()),
  threshold: z.int(),
})

export const sealedJson = z.object({
  ...sealJson.shape,
  /** Whether the log says so, by which other replicas hear of it. When not, seal each of them. */
  isRecorded: z.boolean(),
  /** Whether no card of this machine keeps the keys any more. When not, its log names a file to remove. */
  isCardForgotten: z.boolean(),
})

export const randomJson = z.object({
  state: z.enum(['untested', 'good', 'refusing']),
  testedAtMs: timeMs.nullable(),
  /** Rows that failed. */
  failures: z.array(z.string().max(MAX_TEXT)),
})

export const headJson = z.object({
  /** Entries up to here. */
  count: z.int().min(0),
  /** Hash of the last of them. */
  hash: hexBytes(32),
})

export const statusJson = z.object({
  version: z.string(),
  centreId: hexBytes(16),
  /** The address that the centre signs as. */
  signer: hexBytes(20),
  seal: sealJson,
  random: randomJson,
  /** End of the audit log; null while the centre is sealed. */
  audit: headJson.nullable(),
  /** Whether it has a ledger to anchor the log's end on. */
  isAnchoring: z.boolean(),
})

export const healthJson = z.object({
  /** `sealed`: waiting for custodians. `random-refused`: no keys are made or released. */
  status: z.enum(['ok', 'sealed', 'random-refused']),
  version: z.string(),
})

export const policyJson = z.strictObject({
  /** Who may obtain the application's keys. */
  requesters: z
    .array(
      z.strictObject({
        requesterId: nameSchema,
        /** Address of the ledger key that signs its requests. */
        signer: hexBytes(20),
        /** An X25519 key (32 bytes) or a card's SM2 key (65 bytes, uncompressed): all that keys are ever wrapped to. */
        openingKey: hexBytes(32, 65).refine(isOpeningKey, NO_OPENING_KEY),
      }),
    )
    .max(POLICY_LIMITS.requesters)
    .refine(haveNamesOfTheirOwn, TWICE),
  algorithms: z.array(algorithmSchema).max(algorithmSchema.options.length),
  maxKeys: z.int().min(0).max(POLICY_LIMITS.keys),
  maxReleasesPerHour: z.int().min(0).max(POLICY_LIMITS.releasesPerHour),
  /** Operations inside the centre; 600 when left out. */
  maxOperationsPerMinute: z.int().min(0).max(POLICY_LIMITS.operationsPerMinute).exactOptional(),
})

export const applicationJson = z.object({
  appId: nameSchema,
  state: z.enum(['active', 'revoked']),
  policy: policyJson,
  keyCount: z.int().min(0),
  createdAtMs: timeMs,
})

export const keyJson = z.object({
  appId: nameSchema,
  keyId: nameSchema,
  algorithm: algorithmSchema,
  state: z.enum(Object.keys(KEY_LIFE) as [KeyState, ...KeyState[]]),
  /** When each version was made; version 1 first. */
  versions: z.array(timeMs).min(1).max(MAX_KEY_VERSIONS),
})

/** The centre's signed word that it has a key's bytes no more. */
export const destructionJson = z.object({
  centreId: hexBytes(16),
  appId: nameSchema,
  keyId: nameSchema,
  versions: z.int().min(1).max(MAX_KEY_VERSIONS),
  destroyedAtMs: timeMs,
  signature: hexBytes(64),
})

/** The statement as it is made. */
export const destroyedJson = z.object({
  ...destructionJson.shape,
  /** Whether the ledger has it; otherwise the log's next anchor covers it. */
  isAnchored: z.boolean(),
})

export const backupId = z.string().regex(/^[0-9a-f]{32}$/, 'expected 32 hexadecimal digits')

export const backupJson = z.object({
  backupId,
  generation: z.int().min(1),
  createdAtMs: timeMs,
  /** Those whose bytes it holds. */
  keys: z.array(keyJson),
})

/** Entries in the clear, as they were hashed (canonical CBOR). */
export const auditPageJson = z.object({
  entries: z.array(hexBytesUpTo(MAX_ENTRY_BYTES)),
})

/** Those that have a name in the OpenAPI document. */
export const CENTRE_SCHEMAS = {
  Application: applicationJson,
  AuditHead: headJson,
  Backup: backupJson,
  Destruction: destructionJson,
  Key: keyJson,
  Policy: policyJson,
  Random: randomJson,
  Seal: sealJson,
} as const
