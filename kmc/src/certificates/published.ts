import { compareBytes } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'
import type { KeyStore, StoredRow } from '../store/key-store.ts'

const AUTHORITY_KEY = 'public/authority'
const CRL_KEY = 'public/crl'

/** What everybody may know of the authority. DER. */
export interface PublishedAuthority {
  readonly certificate: Uint8Array
  readonly crl: Uint8Array
}

/**
 * Lays the authority's certificate and its list of revoked ones into the store in the clear, so that a sealed centre knows its
 * custodians. Whoever can write the store can change them, and gains a conversation with a sealed centre by it.
 */
export async function publish(store: KeyStore, { certificate, crl }: PublishedAuthority) {
  const [authority, list] = await store.getMany([AUTHORITY_KEY, CRL_KEY])
  if (isSame(authority, certificate) && isSame(list, crl)) return
  await store.transact({
    conditions: [],
    changes: [
      { type: 'put', key: AUTHORITY_KEY, value: certificate },
      { type: 'put', key: CRL_KEY, value: crl },
    ],
  })
}

function isSame(row: StoredRow | null | undefined, value: Uint8Array): boolean {
  return row?.value !== undefined && compareBytes(row.value, value) === 0
}

/** @throws KmcError `NOT_FOUND` when nothing was published */
export async function readPublished(store: KeyStore): Promise<PublishedAuthority> {
  const [certificate = null, crl = null] = await store.getMany([AUTHORITY_KEY, CRL_KEY])
  if (certificate !== null && crl !== null) {
    return { certificate: certificate.value, crl: crl.value }
  }
  throw new KmcError(
    'NOT_FOUND',
    'The store has no certificate of this centre’s authority. Unseal the centre on its own machine; it publishes it then.',
  )
}
