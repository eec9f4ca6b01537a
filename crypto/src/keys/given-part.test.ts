import { expect } from 'chai'

import { AuthenticationError, MalformedError } from '../errors.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import { x25519PublicKey } from '../x25519.ts'
import { decodeGivenPart, encodeGivenPart, givePart, takePart } from './given-part.ts'
import { isGivenTo } from './is-given-to.ts'

const object = { objectId: namedBytes('object', 32), headerHash: namedBytes('header', 32) }
const secretKey = namedBytes('requester', 32)
const part = { party: 3, point: namedBytes('point', 65), proof: namedBytes('proof', 64) }

describe('a part given to a requester', () => {
  const requesterKey = x25519PublicKey(secretKey)
  const given = givePart({ ...object, part, requesterKey, expiry: 1_800_000_000 })
  const { headerHash } = object

  it('is the part, to the requester alone and for one object', () => {
    const read = decodeGivenPart(encodeGivenPart(given))
    expect(takePart(read, { secretKey, headerHash })).to.deep.equal(part)
    expect(isGivenTo(read, secretKey)).to.equal(true)
    const stranger = namedBytes('stranger', 32)
    expect(isGivenTo(read, stranger)).to.equal(false)
    expectError(AuthenticationError, () => takePart(read, { secretKey: stranger, headerHash }))
    const elsewhere = { secretKey, headerHash: namedBytes('another header', 32) }
    expectError(AuthenticationError, () => takePart(read, elsewhere))
  })

  it('cannot be given a longer life, another party or other bytes', () => {
    const changed = [
      { ...given, expiry: given.expiry + 1 },
      { ...given, party: 1 },
      ...[...withEachByteFlipped(given.wrapped)].map(([, wrapped]) => ({ ...given, wrapped })),
      ...[...withEachByteFlipped(given.ephemeralKey)].map(([, ephemeralKey]) => ({
        ...given,
        ephemeralKey,
      })),
    ]
    for (const each of changed) {
      expectError(AuthenticationError, () => takePart(each, { secretKey, headerHash }))
    }
  })

  it('is refused when it is none', () => {
    expectError(MalformedError, () => decodeGivenPart(Uint8Array.of(0x80)))
  })
})
