import { X509Certificate } from 'node:crypto'
import { encodeHex } from '@orlop/crypto/bytes'
import type { Centre } from '../centre.ts'
import type { RowReader } from '../keys/records.ts'
import { KmcError } from '../kmc-error.ts'
import { getAuthority } from './certificate-records.ts'
import { importSigningKey } from './signing-key.ts'
import type { Issuer } from './x509-forms.ts'

/** The authority, ready to sign. */
export interface Authority {
  readonly issuer: Issuer
  /** When its own certificate ends, ms since epoch. */
  readonly notAfterMs: number
}

/** @throws KmcError `NOT_FOUND` before there is one, `NOT_ALLOWED` after its end, `CENTRE_SEALED` */
export async function openAuthority(centre: Centre, rows: RowReader): Promise<Authority> {
  const { certificate, privateKey } = await getAuthority(rows)
  const signingKey = await importSigningKey(privateKey)
  const { publicKey, validTo } = new X509Certificate(certificate)
  const notAfterMs = Date.parse(validTo)
  if (centre.clock.nowMs() > notAfterMs) {
    throw new KmcError('NOT_ALLOWED', `The centre's certificate authority ended on ${validTo}.`)
  }
  const issuer = {
    centreId: encodeHex(centre.seal.centreId),
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    signingKey,
  }
  return { issuer, notAfterMs }
}
