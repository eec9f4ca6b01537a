import type { CatalogueEntry } from '@orlop/client-sdk/browser'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import { sha256 } from '@orlop/crypto/hash'
import {
  DATA_CLASSES,
  IMPORTANCES,
  type DataClass,
  type Importance,
} from '@orlop/protocol/data-classes'

/** The moment that samples are made at. */
export const SAMPLE_NOW_MS = Date.UTC(2026, 10, 22, 9, 41, 12)
/** Who the samples belong to. */
export const SAMPLE_CLIENT_ID = 7

const HOUR_MS = 3_600_000
const YEAR_SECONDS = 365 * 86_400

/** What anybody may call a file that they share, and what must show as text. */
export const HOSTILE_NAME = '<img src=x onerror=alert(1)>\u202Efdp.exe'

/** What is told of a sample; the rest is the same for all of them. */
export interface Sample {
  readonly name: string
  readonly dataClass: DataClass
  readonly importance: Importance
  readonly content: Uint8Array
  readonly hoursAgo: number
  readonly ownerId?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly sharedWith?: number
  readonly state?: CatalogueEntry['state']
  readonly mediaType?: string
}

/** 32 bytes that are always the same for a name. */
export function namedBytes(name: string): Uint8Array {
  return sha256(encodeUtf8(name))
}

/** The entry of a sample in a catalogue. */
export function entryOf(sample: Sample): CatalogueEntry {
  const { name, dataClass, importance, content, hoursAgo } = sample
  const storedMs = SAMPLE_NOW_MS - hoursAgo * HOUR_MS
  const isCritical = importance === 'critical'
  const state = sample.state ?? 'final'
  return {
    objectId: namedBytes(`object ${name}`),
    ownerId: sample.ownerId ?? SAMPLE_CLIENT_ID,
    name,
    mediaType: sample.mediaType ?? 'application/octet-stream',
    classCode: DATA_CLASSES[dataClass],
    importance: IMPORTANCES[importance],
    level: isCritical ? 2 : 1,
    suite: 'aes-256-gcm',
    codec: 'zstd',
    cipherPath: isCritical ? 'zstd-9 > aes-256-gcm > chaos/wide' : 'zstd-9 > aes-256-gcm',
    labels: { ...sample.labels },
    plainBytes: content.length,
    plainSha256: sha256(content),
    sealedBytes: Math.round(content.length * 0.62) + 33,
    createdMs: storedMs - HOUR_MS,
    storedMs,
    expiry: Math.floor(storedMs / 1000) + 5 * YEAR_SECONDS,
    headerHash: namedBytes(`header ${name}`),
    envelopeVersion: 1,
    envelopeHash: namedBytes(`envelope ${name}`),
    sharedWith: sample.sharedWith ?? 0,
    state,
    strips: [1, 2, 3].map((nodeId, index) => ({
      index,
      nodeId,
      sequence: 40 + index,
      root: namedBytes(`root ${name}`),
      ...(state === 'stored' ? {} : { transactionHash: `0x${'83ab12f0c5d79e46'.repeat(4)}` }),
    })),
  }
}
