import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { stripKey } from '@orlop/protocol/wire/common'
import type { StripKey } from './interfaces.ts'

const PATTERN = /^([0-9a-f]{64})-([1-9][0-9]{0,9})-([0-9]{1,2})$/

/** A strip's name on disk and in maps: object in hexadecimal, client, index. */
export function formatStripName(key: StripKey): string {
  return `${encodeHex(key.objectId)}-${String(key.clientId)}-${String(key.index)}`
}

/** Reads a name of {@link formatStripName} back; null when it is something else. */
export function parseStripName(name: string): StripKey | null {
  const match = PATTERN.exec(name)
  if (match === null) return null
  const [, objectId = '', clientId, index] = match
  const parsed = stripKey.safeParse({
    objectId: decodeHex(objectId),
    clientId: Number(clientId),
    index: Number(index),
  })
  return parsed.success ? parsed.data : null
}

/** A strip as people read it in messages. */
export function describeStrip(key: StripKey): string {
  return `strip ${String(key.index)} of object ${encodeHex(key.objectId).slice(0, 16)}… of client ${String(key.clientId)}`
}
