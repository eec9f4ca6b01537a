import { checkSecret } from '../check-card-request.ts'
import type { CryptoCard, StoredKeySelector } from '../card.ts'
import type { SecretType } from '../algorithms.ts'
import { openCard } from '../open-card.ts'
import { type NamedKey, SoftwareDriver } from './software-driver.ts'
import { privateKey, secretKey } from './software-key.ts'

/** A key that a software card is to have under a name. */
export interface SoftwareStoredKey {
  readonly use: StoredKeySelector['use']
  readonly name: string
  /** `sm2` and `p256`: the private key. */
  readonly type: SecretType | 'sm2' | 'p256'
  /** As long as the type asks for, 32 bytes for a private key; copied, the caller wipes its own. */
  readonly bytes: Uint8Array
}

export interface SoftwareCardOptions {
  /** Names the card; `software` when left out. */
  readonly name?: string
  readonly keys?: readonly SoftwareStoredKey[]
  readonly signal?: AbortSignal
}

/**
 * A card without hardware: OpenSSL by node:crypto, byte-equal to the others. Keys are in the memory of this
 * process; whoever reads that has them.
 *
 * @throws TypeError or RangeError when a key has a wrong length or value
 */
export async function openSoftwareCard(options: SoftwareCardOptions = {}): Promise<CryptoCard> {
  const identity = {
    name: options.name ?? 'software',
    driver: 'software',
    manufacturer: 'OpenSSL',
    model: 'node:crypto',
    serial: '',
    version: process.versions.openssl,
  } as const
  const named = (options.keys ?? []).map(takeKey)
  return openCard(new SoftwareDriver(identity, named), options.signal)
}

function takeKey({ use, name, type, bytes }: SoftwareStoredKey): NamedKey {
  if (type === 'sm2' || type === 'p256') {
    return { use, name, key: privateKey(type, Uint8Array.from(bytes)) }
  }
  checkSecret(type, bytes)
  return { use, name, key: secretKey(type, bytes) }
}
