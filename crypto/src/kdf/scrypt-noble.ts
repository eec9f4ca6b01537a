import { scryptAsync } from '@noble/hashes/scrypt.js'

import type { ScryptRequest } from './scrypt.ts'

/** scrypt (RFC 7914) in JavaScript, giving way to other work as it runs. */
export function scrypt(request: ScryptRequest): Promise<Uint8Array<ArrayBuffer>> {
  const { logN, r, p, lengthBytes } = request
  return scryptAsync(request.password, request.salt, { N: 2 ** logN, r, p, dkLen: lengthBytes })
}
