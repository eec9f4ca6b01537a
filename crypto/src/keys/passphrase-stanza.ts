import { assertBytes, concat, encodeUtf8, equalConstantTime, randomBytes, wipe } from '../bytes.ts'
import { LimitError, MalformedError } from '../errors.ts'
import { HINT_BYTES } from '../format/stanza.ts'
import type { Stanza } from '../format/stanza.ts'
import { DEFAULT_SCRYPT_COST, hkdfSha256, passphraseKey } from '../kdf.ts'
import type { ScryptCost } from '../kdf.ts'
import { unwrapKey, wrapKey } from './key-wrap.ts'
import { DATA_KEY_BYTES } from './object-keys.ts'
import { PASSPHRASE_STANZA_TYPE } from './stanza-types.ts'

/** Most passphrase stanzas tried in one envelope: each may cost 256 MiB and a second. */
const MAX_PASSPHRASE_STANZAS = 4

const SALT_BYTES = 16
const STRETCHED_BYTES = 32

/** What {@link wrapForPassphrase} needs. */
export interface WrapForPassphraseRequest {
  /** 32 bytes. */
  readonly dataKey: Uint8Array
  readonly passphrase: string
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
  /** `DEFAULT_SCRYPT_COST` when left out. */
  readonly cost?: ScryptCost
  /** Source of the salt; the platform's by default. */
  readonly randomBytes?: (lengthBytes: number) => Uint8Array
}

/**
 * Wraps a data key under a passphrase, stretched by scrypt, for this object only.
 *
 * @throws LimitError when the cost is out of bounds
 * @throws TypeError or RangeError when a length is not as documented
 */
export async function wrapForPassphrase(request: WrapForPassphraseRequest): Promise<Stanza> {
  assertBytes('data key', request.dataKey, DATA_KEY_BYTES)
  const salt = (request.randomBytes ?? randomBytes)(SALT_BYTES)
  const cost = request.cost ?? DEFAULT_SCRYPT_COST
  const keys = await deriveStanzaKeys(request, salt, cost)
  const wrapped = wrapKey(keys.wrappingKey, request.dataKey)
  wipe(keys.wrappingKey)
  const args = [salt, cost.logN, cost.r, cost.p]
  return { type: PASSPHRASE_STANZA_TYPE, hint: keys.hint, args, wrapped }
}

/** What {@link unwrapWithPassphrase} needs. */
export interface UnwrapWithPassphraseRequest {
  /** All stanzas of the envelope. */
  readonly stanzas: readonly Stanza[]
  readonly passphrase: string
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

/**
 * Unwraps the data key with a passphrase. The caller checks the key against the header's
 * commitment (`checkCommitment`), or lets `createSealingContext` do it.
 *
 * @returns the data key (32 bytes), or `null` when there is no passphrase stanza or the passphrase
 *   is not the one any of them was made with
 * @throws AuthenticationError when the passphrase is right and the stanza damaged
 * @throws LimitError when a stanza's cost, or the number of passphrase stanzas, is out of bounds
 * @throws MalformedError when a passphrase stanza has wrong arguments
 */
export async function unwrapWithPassphrase(
  request: UnwrapWithPassphraseRequest,
): Promise<Uint8Array | null> {
  const stanzas = request.stanzas.filter((stanza) => stanza.type === PASSPHRASE_STANZA_TYPE)
  if (stanzas.length > MAX_PASSPHRASE_STANZAS) {
    throw new LimitError(
      `envelope has ${String(stanzas.length)} passphrase stanzas, ` +
        `allowed are ${String(MAX_PASSPHRASE_STANZAS)}`,
    )
  }
  for (const stanza of stanzas) {
    const { salt, cost } = readArguments(stanza)
    const keys = await deriveStanzaKeys(request, salt, cost)
    try {
      // The hint depends on the passphrase: it tells a wrong one from a damaged stanza.
      if (equalConstantTime(keys.hint, stanza.hint)) {
        return unwrapKey(keys.wrappingKey, stanza.wrapped)
      }
    } finally {
      wipe(keys.wrappingKey)
    }
  }
  return null
}

async function deriveStanzaKeys(
  request: Pick<WrapForPassphraseRequest, 'passphrase' | 'objectId' | 'headerHash'>,
  salt: Uint8Array,
  cost: ScryptCost,
): Promise<{ wrappingKey: Uint8Array; hint: Uint8Array }> {
  assertBytes('objectId', request.objectId, 32)
  assertBytes('headerHash', request.headerHash, 32)
  const stretched = await passphraseKey({
    passphrase: request.passphrase,
    salt,
    cost,
    lengthBytes: STRETCHED_BYTES,
  })
  const derive = (info: Uint8Array, lengthBytes: number): Uint8Array =>
    hkdfSha256({ key: stretched, salt: request.objectId, info, lengthBytes })
  const info = concat(encodeUtf8('orlop/1/stanza/passphrase'), request.headerHash)
  const wrappingKey = derive(info, DATA_KEY_BYTES)
  const hint = derive(encodeUtf8('orlop/1/hint'), HINT_BYTES)
  wipe(stretched)
  return { wrappingKey, hint }
}

function readArguments(stanza: Stanza): { salt: Uint8Array; cost: ScryptCost } {
  const [salt, logN, r, p] = stanza.args
  if (
    !(salt instanceof Uint8Array) ||
    typeof logN !== 'number' ||
    typeof r !== 'number' ||
    typeof p !== 'number'
  ) {
    throw new MalformedError('passphrase stanza lacks salt or cost; fetch the envelope again')
  }
  return { salt, cost: { logN, r, p } }
}
