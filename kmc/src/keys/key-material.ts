import { generateKeyPair } from 'node:crypto'
import { promisify } from 'node:util'
import { wipe } from '@orlop/crypto/bytes'
import type { Algorithm } from './records.ts'

/** Bytes of every key but RSA's: of the suites, of MACs, and what the numbers of other key pairs are derived from. */
export const KEY_BYTES = 32
const RSA_BITS = 3072

/**
 * Makes the bytes of a key: 32 random ones, or for RSA a private key (PKCS #8, DER), whose primes OpenSSL's own generator finds.
 *
 * @param generate - the centre's monitored source; while that refuses, no key of any kind is made.
 */
export async function makeKeyMaterial(
  algorithm: Algorithm,
  generate: (lengthBytes: number) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const bytes = await generate(KEY_BYTES)
  if (algorithm !== 'rsa-3072-oaep') return bytes
  wipe(bytes)
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  // A small buffer of Node's may share its memory with others: the copy is the caller's own.
  const own = Uint8Array.from(der)
  wipe(der)
  return own
}
