import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect } from 'chai'
import { sha256 } from '@orlop/crypto/hash'
import { expectError } from '@orlop/crypto/testing/expect-error'
import { OrlopError } from '@orlop/protocol/errors'
import { hashPeerId } from './peer-id-hash.ts'

describe('the hash of a peer id', () => {
  for (const type of ['Ed25519', 'secp256k1', 'RSA'] as const) {
    it(`is over the bytes that libp2p has for it: ${type}`, async () => {
      const peerId = peerIdFromPrivateKey(await generateKeyPair(type))
      const expected = sha256(peerId.toMultihash().bytes)
      expect(hashPeerId(peerId.toString())).to.deep.equal(expected)
    })
  }

  it('is refused for what is no peer id, whatever its length', () => {
    const key = '12D3KooWGzBmDLBbWqDxEeaaHB6kWcnPJYjUaWHPEqzRbGRZfkTV'
    const wrong = ['', 'x', '0OIl', key.slice(0, -1), `${key}1`, 'Qm', '1'.repeat(1_000_000)]
    for (const peerId of wrong) {
      const error = expectError(OrlopError, () => hashPeerId(peerId))
      expect(error.code).to.equal('MALFORMED_MESSAGE')
    }
  })
})
