import 'reflect-metadata'
import { createPublicKey, type KeyObject, webcrypto } from 'node:crypto'
import { Pkcs10CertificateRequest } from '@peculiar/x509'
import { KmcError } from '../kmc-error.ts'

/** Most characters or bytes of a request. */
export const MAX_REQUEST_BYTES = 16 * 1024
const CURVES = ['prime256v1', 'secp384r1']
const RSA_BITS = { min: 2048, max: 4096 }
const PEM = /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----/

/**
 * The public key of a certification request (PKCS #10, RFC 2986) whose sender has shown that it holds the private key. Names and
 * extensions in it are not looked at: the centre writes its own.
 *
 * @param request - PEM text or DER bytes.
 * @returns SubjectPublicKeyInfo, DER.
 * @throws KmcError `REQUEST_INVALID` when it is no request, is not signed by its own key, or that is none of P-256, P-384, Ed25519 or RSA
 *   of 2048 to 4096 bits.
 */
export async function readCertificateRequest(request: string | Uint8Array): Promise<Uint8Array> {
  if (request.length > MAX_REQUEST_BYTES) throw invalid(`is longer than ${MAX_REQUEST_BYTES} bytes`)
  const parsed = parse(request)
  if (!(await isSignedByItsKey(parsed))) {
    throw invalid('is not signed by the private key that belongs to it')
  }
  const publicKey = new Uint8Array(parsed.publicKey.rawData)
  assertFit(readKey(publicKey))
  return publicKey
}

function parse(request: string | Uint8Array): Pkcs10CertificateRequest {
  if (typeof request === 'string' && !PEM.test(request)) throw invalid('is no PEM of PKCS #10')
  try {
    return new Pkcs10CertificateRequest(
      typeof request === 'string' ? request : Uint8Array.from(request),
    )
  } catch (cause) {
    throw invalid('cannot be read', cause)
  }
}

async function isSignedByItsKey(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify(webcrypto)
  } catch (cause) {
    throw invalid('is signed by an algorithm that is not known here', cause)
  }
}

function readKey(publicKey: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  } catch (cause) {
    throw invalid('has a public key that cannot be read', cause)
  }
}

function assertFit({ asymmetricKeyType: type, asymmetricKeyDetails: details = {} }: KeyObject) {
  const { namedCurve = '', modulusLength = 0 } = details
  const isFit =
    type === 'ed25519' ||
    (type === 'ec' && CURVES.includes(namedCurve)) ||
    (type === 'rsa' && modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max)
  if (!isFit) throw invalid('has a key of another kind')
}

function invalid(what: string, cause?: unknown): KmcError {
  return new KmcError(
    'REQUEST_INVALID',
    `The certification request ${what}. Make one with a key of P-256, P-384, Ed25519 or RSA of 2048 to 4096 bits, such as: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=me -out request.pem`,
    { cause },
  )
}
