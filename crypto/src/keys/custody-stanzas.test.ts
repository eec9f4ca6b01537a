import { expect } from 'chai'

import { AuthenticationError, MalformedError } from '../errors.ts'
import type { Stanza } from '../format/stanza.ts'
import { expectError, expectRejection, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import {
  type SecretShare,
  joinShares,
  type ShareSet,
  splitSecret,
} from '../thresholds/secret-shares.ts'
import { ShareError } from '../thresholds/threshold-errors.ts'
import { x25519PublicKey } from '../x25519.ts'
import { custodySetOf, custodySetStanza, unwrapShares, wrapShare } from './custody-stanzas.ts'
import { decodeGivenShare, encodeGivenShare, giveShare, takeShare } from './given-share.ts'
import { isGivenTo } from './is-given-to.ts'

const dataKey = namedBytes('data key', 32)
const object = {
  objectId: namedBytes('object', 32),
  headerHash: namedBytes('header', 32),
  ownerId: 7,
}
const other = { ...object, headerHash: namedBytes('another header', 32) }
const custodians = ['a', 'b', 'c'].map((name) => namedBytes(`custodian ${name}`, 32))
const requester = namedBytes('requester', 32)

describe('stanzas of a key in custody', () => {
  let set: ShareSet
  let shares: SecretShare[]
  let stanzas: Stanza[]

  before(async () => {
    ;({ set, shares } = await splitSecret(dataKey, { threshold: 2, shares: 3 }))
    const wrapped = shares.map((share, at) =>
      wrapShare({ ...object, share, custodianKey: x25519PublicKey(custodians[at]!) }),
    )
    stanzas = [custodySetStanza(set), ...wrapped]
  })

  it('give each custodian its share, which with enough others is the key', async () => {
    const found = custodySetOf(stanzas)!
    expect(found).to.deep.equal(set)
    const opened = custodians.map((secretKey) => unwrapShares({ ...object, stanzas, secretKey }))
    expect(opened.map((own) => own.length)).to.deep.equal([1, 1, 1])
    const two = [opened[2]![0]!, opened[0]![0]!]
    expect(await joinShares(found, two)).to.deep.equal(dataKey)
    const error = await expectRejection(ShareError, () => joinShares(found, [opened[1]![0]!]))
    expect(error.reason).to.equal('too-few')
    expect(unwrapShares({ ...object, stanzas, secretKey: requester })).to.deep.equal([])
  })

  it('are damaged by every flipped byte, and open under no other header', () => {
    const [, stanza] = stanzas as [Stanza, Stanza]
    const secretKey = custodians[0]!
    for (const [, wrapped] of withEachByteFlipped(stanza.wrapped)) {
      const damaged = [{ ...stanza, wrapped }]
      expectError(AuthenticationError, () =>
        unwrapShares({ ...object, stanzas: damaged, secretKey }),
      )
    }
    const [ephemeral, setId] = stanza.args as [Uint8Array, Uint8Array]
    for (const args of [
      [ephemeral, setId, 2],
      [ephemeral, namedBytes('set', 16), 1],
      [ephemeral],
    ]) {
      const moved = [{ ...stanza, args }]
      expectError(AuthenticationError, () => unwrapShares({ ...object, stanzas: moved, secretKey }))
    }
    expectError(AuthenticationError, () => unwrapShares({ ...other, stanzas, secretKey }))
    const copied = { ...object, ownerId: 8 }
    expectError(AuthenticationError, () => unwrapShares({ ...copied, stanzas, secretKey }))
  })

  it('are found beside another custodian’s of the same hint', () => {
    const [, one, two] = stanzas as [Stanza, Stanza, Stanza]
    const sameHint = [{ ...two, hint: one.hint }, one]
    const found = unwrapShares({ ...object, stanzas: sameHint, secretKey: custodians[0]! })
    expect(found).to.deep.equal([shares[0]])
  })

  it('name the share that an altered commitment does not fit', async () => {
    const [first] = set.commitments
    const altered = { ...set, commitments: [...set.commitments.slice(1), first!] }
    const error = await expectRejection(ShareError, () => joinShares(altered, shares))
    expect(error).to.include({ reason: 'damaged' })
    expect(error.indices).to.deep.equal([1])
  })

  it('are no set when they are not as they must be', () => {
    const stanza = custodySetStanza(set)
    expect(custodySetOf([])).to.equal(null)
    const wrong: Stanza[][] = [
      [stanza, stanza],
      [{ ...stanza, wrapped: stanza.wrapped.subarray(1) }],
      [{ ...stanza, args: [set.setId, 4] }],
      [{ ...stanza, args: [set.setId, 1] }],
      [{ ...stanza, args: [set.setId.subarray(1), 2] }],
      [{ ...stanza, wrapped: new Uint8Array(64 * 32) }],
    ]
    for (const each of wrong) expectError(MalformedError, () => custodySetOf(each))
  })

  describe('given to a requester', () => {
    const give = (share: SecretShare, expiry = 1_800_000_000) =>
      giveShare({ ...object, share, requesterKey: x25519PublicKey(requester), expiry })

    it('are the share, to the requester alone and for one object', () => {
      const given = decodeGivenShare(encodeGivenShare(give(shares[1]!)))
      expect(given).to.deep.include({ objectId: object.objectId, index: 2, expiry: 1_800_000_000 })
      const { headerHash } = object
      expect(takeShare({ given, secretKey: requester, headerHash })).to.deep.equal(shares[1])
      expect(isGivenTo(given, requester)).to.equal(true)
      expect(isGivenTo(given, custodians[0]!)).to.equal(false)
      const stranger = { given, secretKey: custodians[0]!, headerHash }
      expectError(AuthenticationError, () => takeShare(stranger))
      const elsewhere = { given, secretKey: requester, headerHash: other.headerHash }
      expectError(AuthenticationError, () => takeShare(elsewhere))
    })

    it('cannot be given a longer life, another place or other bytes', () => {
      const given = give(shares[0]!)
      const changed = [
        { ...given, expiry: given.expiry + 1 },
        { ...given, index: 2 },
        { ...given, setId: namedBytes('another set', 16) },
        ...[...withEachByteFlipped(given.wrapped)].map(([, wrapped]) => ({ ...given, wrapped })),
      ]
      for (const each of changed) {
        const request = { given: each, secretKey: requester, headerHash: object.headerHash }
        expectError(AuthenticationError, () => takeShare(request))
      }
    })

    it('are refused when they are no given share', () => {
      expectError(MalformedError, () => decodeGivenShare(Uint8Array.of(0x80)))
      expectError(MalformedError, () => decodeGivenShare(new Uint8Array(10)))
    })
  })
})
