import { scrypt as nodeScrypt } from 'node:crypto'

import type { ScryptRequest } from './scrypt.ts'

/** scrypt (RFC 7914) on a thread of Node's pool. */
export function scrypt(request: ScryptRequest): Promise<Uint8Array<ArrayBuffer>> {
  const { logN, r, p, lengthBytes } = request
  const N = 2 ** logN
  // OpenSSL counts the blocks of p beside those of N; twice the main array leaves room for them.
  const options = { N, r, p, maxmem: 2 * 128 * N * r + 128 * r * p }
  return new Promise((resolve, reject) => {
    nodeScrypt(request.password, request.salt, lengthBytes, options, (error, key) => {
      if (error === null) resolve(new Uint8Array(key))
      else reject(error)
    })
  })
}
