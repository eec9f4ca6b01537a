import 'reflect-metadata'
import { KeyObject, webcrypto } from 'node:crypto'
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509'

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A new key, and what asks for a certificate for it. */
export interface NewRequest {
  /** PKCS #8, PEM: it stays where it was made. */
  readonly privateKey: string
  /** PKCS #10, PEM. */
  readonly request: string
}

/** Makes a P-256 key and the request for its certificate. The centre writes all names itself, so there are none in it. */
export async function newCertificateRequest(): Promise<NewRequest> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify'])
  const request = await Pkcs10CertificateRequestGenerator.create(
    { name: 'CN=request', keys, signingAlgorithm: SIGNING },
    // Another library of the same process may have set its own for all.
    webcrypto,
  )
  const privateKey = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })
  return { privateKey: privateKey.toString(), request: `${request.toString('pem')}\n` }
}
