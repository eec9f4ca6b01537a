import {
  assertBytes,
  assertInteger,
  concat,
  encodeUtf8,
  equalConstantTime,
  wipe,
} from '../bytes.ts'
import { AuthenticationError, MalformedError } from '../errors.ts'
import { encodeCbor } from '../format/cbor.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { Stanza } from '../format/stanza.ts'
import { hkdfSha256 } from '../kdf.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { DATA_KEY_BYTES } from './object-keys.ts'
import { APPLICATION_STANZA_TYPE } from './stanza-types.ts'

const CENTRE_ID_BYTES = 16
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Which key of which application, at which key management centre. These names stand in the stanza for everybody to read. */
export interface NamedApplicationKey {
  /** 16 bytes. */
  readonly centreId: Uint8Array
  /** 1 to 63 small letters, digits and hyphens, as `keyId`. */
  readonly appId: string
  readonly keyId: string
  /** From 1. */
  readonly version: number
}

/** What {@link wrapForApplication} needs. */
export interface WrapForApplicationRequest {
  /** 32 bytes. */
  readonly dataKey: Uint8Array
  /** The application's key, 32 bytes. */
  readonly key: Uint8Array
  readonly name: NamedApplicationKey
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

/**
 * Wraps a data key under one version of an application's key, for this object only. The same key and object always give the same
 * stanza: a header commits to one data key, so that a wrapping key is never used for two of them.
 *
 * @throws TypeError or RangeError when a length or name is not as documented
 */
export function wrapForApplication(request: WrapForApplicationRequest): Stanza {
  const { dataKey, name } = request
  assertBytes('data key', dataKey, DATA_KEY_BYTES)
  assertName(name)
  const wrappingKey = deriveWrappingKey(request)
  const wrapped = wrapKey(wrappingKey, dataKey)
  wipe(wrappingKey)
  return {
    type: APPLICATION_STANZA_TYPE,
    hint: hintOf(name, request.objectId),
    args: [name.centreId, encodeUtf8(name.appId), encodeUtf8(name.keyId), name.version],
    wrapped,
  }
}

/**
 * Which key a stanza is wrapped under.
 *
 * @returns null for a stanza of another type.
 * @throws MalformedError when its arguments are not as documented
 */
export function applicationKeyOf(stanza: Stanza): NamedApplicationKey | null {
  if (stanza.type !== APPLICATION_STANZA_TYPE) return null
  const [centreId, appId, keyId, version] = stanza.args
  if (
    stanza.args.length !== 4 ||
    !(centreId instanceof Uint8Array) ||
    !(appId instanceof Uint8Array) ||
    !(keyId instanceof Uint8Array) ||
    typeof version !== 'number'
  ) {
    throw malformed()
  }
  const decoder = new TextDecoder()
  const name = {
    centreId,
    appId: decoder.decode(appId),
    keyId: decoder.decode(keyId),
    version,
  }
  try {
    assertName(name)
  } catch (cause) {
    throw malformed(cause)
  }
  return name
}

/** What {@link unwrapWithApplicationKey} needs. */
export interface UnwrapWithApplicationKeyRequest {
  readonly stanza: Stanza
  /** The key that {@link applicationKeyOf} names, 32 bytes. */
  readonly key: Uint8Array
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

/**
 * Unwraps the data key. The caller checks it against the header's commitment.
 *
 * @returns the data key, 32 bytes
 * @throws AuthenticationError when the stanza is damaged, of another object, or wrapped under another key
 * @throws MalformedError when it is no application's stanza
 */
export function unwrapWithApplicationKey(request: UnwrapWithApplicationKeyRequest): Uint8Array {
  const { stanza, key, objectId, headerHash } = request
  const name = applicationKeyOf(stanza)
  if (name === null) throw malformed()
  if (!equalConstantTime(stanza.hint, hintOf(name, objectId))) {
    throw new AuthenticationError('the stanza of this application is of another object')
  }
  const wrappingKey = deriveWrappingKey({ key, name, objectId, headerHash })
  try {
    return unwrapKey(wrappingKey, stanza.wrapped)
  } finally {
    wipe(wrappingKey)
  }
}

/** The names are in the derivation: two keys of one value, by mistake of a centre, are still two keys here. */
function deriveWrappingKey({
  key,
  name,
  objectId,
  headerHash,
}: Omit<WrapForApplicationRequest, 'dataKey'>): Uint8Array<ArrayBuffer> {
  assertBytes('application key', key, DATA_KEY_BYTES)
  assertBytes('objectId', objectId, 32)
  assertBytes('headerHash', headerHash, 32)
  const { centreId, appId, keyId, version } = name
  const names = encodeCbor([centreId, appId, keyId, version])
  return hkdfSha256({
    key,
    salt: objectId,
    info: concat(encodeUtf8('orlop/1/stanza/application'), headerHash, names),
    lengthBytes: DATA_KEY_BYTES,
  })
}

function hintOf({ centreId, appId, keyId }: NamedApplicationKey, objectId: Uint8Array): Uint8Array {
  assertBytes('objectId', objectId, 32)
  return hkdfSha256({
    key: encodeCbor([centreId, appId, keyId]),
    salt: objectId,
    info: 'orlop/1/hint',
    lengthBytes: HINT_BYTES,
  })
}

function assertName({ centreId, appId, keyId, version }: NamedApplicationKey): void {
  assertBytes('centreId', centreId, CENTRE_ID_BYTES)
  for (const [label, text] of Object.entries({ appId, keyId })) {
    if (!NAME.test(text)) {
      throw new RangeError(`${label}: expected 1 to 63 small letters, digits and hyphens`)
    }
  }
  assertInteger('version', version, { min: 1, max: 0xffff_ffff })
}

function malformed(cause?: unknown): MalformedError {
  return new MalformedError('application stanza lacks centre, names or version', { cause })
}
