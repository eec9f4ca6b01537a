import { assertBytes, assertInteger } from '../bytes.ts'
import { MalformedError } from '../errors.ts'
import type { CborValue } from './cbor.ts'
import { FieldReader } from './fields.ts'

/** Most stanzas in one envelope. */
export const MAX_STANZAS = 64
/** Length of a stanza's hint. */
export const HINT_BYTES = 4

const MAX_TYPE = 0xffff
const MAX_ARGUMENTS = 8
const MAX_ARGUMENT_BYTES = 4096
const MAX_WRAPPED_BYTES = 4096
const FIELD_COUNT = 4

/** What a stanza type needs beside the wrapped key: byte strings (≤ 4 KiB) and whole numbers. */
export type StanzaArgument = Uint8Array | number

/** One recipient's way to the data key. Stanzas of unknown type are carried, and not opened. */
export interface Stanza {
  /** Which way of wrapping: 1 X25519, 2 passphrase. */
  readonly type: number
  /** 4 bytes by which a recipient finds its own stanzas; it names nobody. */
  readonly hint: Uint8Array
  /** At most 8. */
  readonly args: readonly StanzaArgument[]
  /** The wrapped data key. */
  readonly wrapped: Uint8Array
}

/** A stanza as a CBOR array. @throws TypeError or RangeError when a field is not as documented */
export function encodeStanza(stanza: Stanza): CborValue {
  assertInteger('stanza type', stanza.type, { min: 0, max: MAX_TYPE })
  assertBytes('stanza hint', stanza.hint, HINT_BYTES)
  assertInteger('stanza args', stanza.args.length, { min: 0, max: MAX_ARGUMENTS })
  for (const argument of stanza.args) {
    if (typeof argument === 'number') {
      assertInteger('stanza argument', argument, { min: 0, max: Number.MAX_SAFE_INTEGER })
    } else {
      assertBytes('stanza argument', argument)
      assertInteger('stanza argument', argument.length, { min: 0, max: MAX_ARGUMENT_BYTES })
    }
  }
  assertBytes('wrapped', stanza.wrapped)
  assertInteger('wrapped', stanza.wrapped.length, { min: 1, max: MAX_WRAPPED_BYTES })
  return [stanza.type, stanza.hint, [...stanza.args], stanza.wrapped]
}

/** Reads a stanza. @throws MalformedError or LimitError when a field is not as documented */
export function decodeStanza(value: CborValue): Stanza {
  const fields = new FieldReader('stanza', value, FIELD_COUNT)
  return {
    type: fields.integer('type', { min: 0, max: MAX_TYPE }),
    hint: fields.bytes('hint', { min: HINT_BYTES, max: HINT_BYTES }),
    args: fields.list('args', MAX_ARGUMENTS).map(decodeArgument),
    wrapped: fields.bytes('wrapped', { min: 1, max: MAX_WRAPPED_BYTES }),
  }
}

function decodeArgument(value: CborValue): StanzaArgument {
  if (value instanceof Uint8Array && value.length <= MAX_ARGUMENT_BYTES) return value
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw new MalformedError('stanza: an argument is neither short bytes nor a whole number')
}
