import { expect } from 'chai'

import { AuthenticationError, LimitError, MalformedError } from '../errors.ts'
import type { Stanza } from '../format/stanza.ts'
import { expectError, expectRejection, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import { x25519PublicKey } from '../x25519.ts'
import { unwrapWithPassphrase, wrapForPassphrase } from './passphrase-stanza.ts'
import { recipientHint, unwrapAsRecipient, wrapForRecipient } from './recipient-stanza.ts'

const dataKey = namedBytes('data key', 32)
const object = { objectId: namedBytes('object', 32), headerHash: namedBytes('header', 32) }
const secretKey = namedBytes('recipient', 32)
const recipientPublicKey = x25519PublicKey(secretKey)
const cost = { logN: 10, r: 8, p: 1 }

describe('stanza for a recipient', () => {
  const stanza = wrapForRecipient({ ...object, dataKey, recipientPublicKey })

  it('gives its recipient the data key, among stanzas for others', () => {
    const others = ['a', 'b'].map((name) =>
      wrapForRecipient({
        ...object,
        dataKey: namedBytes('another key', 32),
        recipientPublicKey: x25519PublicKey(namedBytes(name, 32)),
      }),
    )
    const stanzas = [others[0]!, stanza, others[1]!]
    expect(unwrapAsRecipient({ ...object, stanzas, secretKey })).to.deep.equal(dataKey)
  })

  it('is nothing to anybody else', () => {
    const stanzas = [stanza]
    const stranger = namedBytes('stranger', 32)
    expect(unwrapAsRecipient({ ...object, stanzas, secretKey: stranger })).to.equal(null)
    expect(unwrapAsRecipient({ ...object, stanzas: [], secretKey })).to.equal(null)
    const unknownType = [{ ...stanza, type: 77 }]
    expect(unwrapAsRecipient({ ...object, stanzas: unknownType, secretKey })).to.equal(null)
  })

  it('says that it is damaged for every flipped byte of key and ephemeral key', () => {
    const [ephemeral] = stanza.args as [Uint8Array]
    const damaged: Stanza[] = []
    for (const [, wrapped] of withEachByteFlipped(stanza.wrapped)) {
      damaged.push({ ...stanza, wrapped })
    }
    for (const [at, flipped] of withEachByteFlipped(ephemeral)) {
      // RFC 7748 5: the top bit of a public key is ignored, but it is in the derivation's salt.
      damaged.push({ ...stanza, args: [flipped] })
      expect(at).to.be.below(32)
    }
    damaged.push({ ...stanza, args: [] }, { ...stanza, args: [new Uint8Array(32)] })
    for (const each of damaged) {
      expectError(AuthenticationError, () =>
        unwrapAsRecipient({ ...object, stanzas: [each], secretKey }),
      )
    }
  })

  it('does not hide a good stanza behind a damaged one of the same hint', () => {
    const damaged = { ...stanza, wrapped: new Uint8Array(48) }
    const stanzas = [damaged, stanza]
    expect(unwrapAsRecipient({ ...object, stanzas, secretKey })).to.deep.equal(dataKey)
  })

  it('cannot be moved to another object', () => {
    const elsewhere = { ...object, headerHash: namedBytes('other header', 32) }
    expectError(AuthenticationError, () =>
      unwrapAsRecipient({ ...elsewhere, stanzas: [stanza], secretKey }),
    )
    const otherObject = { ...object, objectId: namedBytes('other object', 32) }
    expect(unwrapAsRecipient({ ...otherObject, stanzas: [stanza], secretKey })).to.equal(null)
  })

  it('has a hint that links no two objects, and a fresh ephemeral key', () => {
    const hint = recipientHint(recipientPublicKey, object.objectId)
    expect(stanza.hint).to.deep.equal(hint)
    expect(recipientHint(recipientPublicKey, namedBytes('x', 32))).not.to.deep.equal(hint)
    const again = wrapForRecipient({ ...object, dataKey, recipientPublicKey })
    expect(again.args).not.to.deep.equal(stanza.args)
  })

  it('is not made for a public key of low order', () => {
    const request = { ...object, dataKey, recipientPublicKey: new Uint8Array(32) }
    expectError(MalformedError, () => wrapForRecipient(request))
  })
})

describe('stanza for a passphrase', () => {
  const passphrase = 'correct horse battery staple'

  it('tells right, wrong and damaged apart', async () => {
    const stanza = await wrapForPassphrase({ ...object, dataKey, passphrase, cost })
    const request = { ...object, stanzas: [stanza], passphrase }
    expect(await unwrapWithPassphrase(request)).to.deep.equal(dataKey)
    expect(await unwrapWithPassphrase({ ...request, passphrase: 'wrong' })).to.equal(null)
    expect(await unwrapWithPassphrase({ ...request, stanzas: [] })).to.equal(null)
    const wrapped = Uint8Array.from(stanza.wrapped)
    wrapped[47]! ^= 1
    const damaged = { ...request, stanzas: [{ ...stanza, wrapped }] }
    await expectRejection(AuthenticationError, () => unwrapWithPassphrase(damaged))
    const moved = { ...request, headerHash: namedBytes('other header', 32) }
    await expectRejection(AuthenticationError, () => unwrapWithPassphrase(moved))
  })

  it('is not tried at any cost, nor any number of times', async () => {
    const stanza = await wrapForPassphrase({ ...object, dataKey, passphrase, cost })
    const dear = { ...stanza, args: [stanza.args[0]!, 30, 8, 1] }
    const odd = { ...stanza, args: [1, 10, 8, 1] }
    const request = { ...object, passphrase }
    await expectRejection(LimitError, () => unwrapWithPassphrase({ ...request, stanzas: [dear] }))
    await expectRejection(MalformedError, () =>
      unwrapWithPassphrase({ ...request, stanzas: [odd] }),
    )
    const many = Array.from({ length: 5 }, () => stanza)
    await expectRejection(LimitError, () => unwrapWithPassphrase({ ...request, stanzas: many }))
  })
})
