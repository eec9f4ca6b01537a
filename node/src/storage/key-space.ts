import type { z } from 'zod'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { count } from '@orlop/protocol/wire/common'
import { relayRecord } from '../outbox/relayed-message.ts'
import type { ObjectKey, StripKey } from './interfaces.ts'
import {
  envelopeRecord,
  outboxRecord,
  reservationRecord,
  spreadRecord,
  stripRecord,
  tombstoneRecord,
} from './records.ts'

/**
 * Every key of the node's index. Keys are readable text whose order is the order of what they name; values are canonical CBOR.
 * One table, one prefix; a new kind of value gets its line here.
 */
export interface Table<K, V> {
  readonly prefix: string
  readonly schema: z.ZodType<V>
  readonly formatKey: (key: K) => string
}

/** `<client, 10 digits>/<object, hexadecimal>/` */
export function formatObjectKey(key: ObjectKey): string {
  return `${String(key.clientId).padStart(10, '0')}/${encodeHex(key.objectId)}/`
}

/** The opposite of {@link formatObjectKey}. */
export function parseObjectKey(text: string): ObjectKey {
  const [clientId = '', objectId = ''] = text.split('/')
  return { clientId: Number(clientId), objectId: decodeHex(objectId) }
}

/** {@link formatObjectKey} and the index in 3 digits (255 = every strip, in tombstones). */
export function formatStripKey(key: StripKey): string {
  return formatObjectKey(key) + String(key.index).padStart(3, '0')
}

/** 16 digits hold every safe integer. */
function formatSequence(sequence: number): string {
  return String(sequence).padStart(16, '0')
}

function table<K, V>(
  prefix: string,
  formatKey: (key: K) => string,
  schema: z.ZodType<V>,
): Table<K, V> {
  return { prefix: `${prefix}/`, formatKey, schema }
}

export const KEY_SPACE = {
  /** Lowest receipt number never given out; block of the ledger, and last sign of this node on it, that this home knows of. */
  counters: table(
    'counter',
    (name: 'next-sequence' | 'noted-block' | 'noted-seen-ms') => name,
    count,
  ),
  /** Receipt numbers given back. */
  freeSequences: table('free-sequence', formatSequence, count),
  reservations: table('reservation', formatStripKey, reservationRecord),
  strips: table('strip', formatStripKey, stripRecord),
  envelopes: table('envelope', formatObjectKey, envelopeRecord),
  spreads: table('spread', formatStripKey, spreadRecord),
  tombstones: table('tombstone', formatStripKey, tombstoneRecord),
  /** By receipt number. */
  outbox: table('outbox', formatSequence, outboxRecord),
  /** By the hash of the message, so that the same message is kept once. */
  relays: table('relay', (relayId: string) => relayId, relayRecord),
}
