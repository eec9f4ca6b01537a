import { expect } from 'chai'

import { decodeHex, encodeHex, encodeUtf8 } from './bytes.ts'
import { LimitError } from './errors.ts'
import { hkdfSha256, passphraseKey } from './kdf.ts'
import { scrypt as nobleScrypt } from './kdf/scrypt-noble.ts'
import { scrypt as nodeScrypt } from './kdf/scrypt-node.ts'
import { expectRejection } from './testing/expect-error.ts'
import { readVectors } from './testing/read-vectors.ts'

const vectors = readVectors('key-derivation.json') as {
  hkdfSha256: { source: string; key: string; salt: string; info: string; output: string }[]
  scrypt: {
    source: string
    password: string
    salt: string
    logN: number
    r: number
    p: number
    output: string
  }[]
}

describe('key derivation', () => {
  for (const { source, key, salt, info, output } of vectors.hkdfSha256) {
    it(`HKDF-SHA-256 gives ${source}`, () => {
      const derived = hkdfSha256({
        key: decodeHex(key),
        salt: decodeHex(salt),
        info: decodeHex(info),
        lengthBytes: output.length / 2,
      })
      expect(encodeHex(derived)).to.equal(output)
    })
  }

  for (const { source, password, salt, output, ...cost } of vectors.scrypt) {
    it(`scrypt gives ${source}, in both implementations`, async () => {
      const request = {
        ...cost,
        password: encodeUtf8(password),
        salt: encodeUtf8(salt),
        lengthBytes: 64,
      }
      expect(encodeHex(await nodeScrypt(request))).to.equal(output)
      expect(encodeHex(await nobleScrypt(request))).to.equal(output)
    })
  }

  it('takes a passphrase in form C, however it was typed', async () => {
    const cost = { logN: 10, r: 8, p: 1 }
    const request = { salt: new Uint8Array(16), cost, lengthBytes: 32 }
    const composed = await passphraseKey({ ...request, passphrase: 'caf\u00e9' })
    const decomposed = await passphraseKey({ ...request, passphrase: 'cafe\u0301' })
    expect(composed).to.deep.equal(decomposed)
  })

  it('refuses costs that would weaken or stall the reader', async () => {
    const costs = [
      { logN: 9, r: 8, p: 1 },
      { logN: 19, r: 8, p: 1 },
      { logN: 64, r: 1, p: 1 },
      { logN: 14, r: 33, p: 1 },
      { logN: 14, r: 8, p: 5 },
      { logN: 14, r: 0, p: 1 },
      { logN: Number.NaN, r: 8, p: 1 },
    ]
    for (const cost of costs) {
      const request = { passphrase: 'x', salt: new Uint8Array(16), cost, lengthBytes: 32 }
      const error = await expectRejection(LimitError, () => passphraseKey(request))
      expect(error.code).to.equal('LIMIT_EXCEEDED')
    }
  })
})
