import { createECDH, createPrivateKey, createPublicKey, webcrypto } from 'node:crypto'
import { wipe } from '@orlop/crypto/bytes'

const SCALAR_BYTES = 32
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const

/** A P-256 key pair of the centre. */
export interface NewSigningKey {
  /** PKCS #8, DER. */
  readonly privateKey: Uint8Array
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array
}

/** Makes a P-256 key from the centre's monitored source, by testing candidates (FIPS 186-5 appendix A.2.2). */
export async function generateSigningKey(
  generate: (lengthBytes: number) => Promise<Uint8Array>,
): Promise<NewSigningKey> {
  for (;;) {
    const scalar = await generate(SCALAR_BYTES)
    const pair = createECDH('prime256v1')
    try {
      pair.setPrivateKey(scalar)
    } catch {
      // Zero, or not below the curve's order: once in 2³² times.
      continue
    }
    const point = pair.getPublicKey()
    const coordinate = (from: number) =>
      point.subarray(from, from + SCALAR_BYTES).toString('base64url')
    const key = createPrivateKey({
      key: {
        kty: 'EC',
        crv: 'P-256',
        d: Buffer.from(scalar).toString('base64url'),
        x: coordinate(1),
        y: coordinate(1 + SCALAR_BYTES),
      },
      format: 'jwk',
    })
    wipe(scalar)
    return {
      privateKey: Uint8Array.from(key.export({ type: 'pkcs8', format: 'der' })),
      publicKey: Uint8Array.from(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    }
  }
}

/** The key for signing; `privateKey` (PKCS #8) is wiped. */
export async function importSigningKey(privateKey: Uint8Array): Promise<webcrypto.CryptoKey> {
  try {
    return await webcrypto.subtle.importKey('pkcs8', privateKey, ALGORITHM, false, ['sign'])
  } finally {
    wipe(privateKey)
  }
}
