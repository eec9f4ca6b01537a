import { expect } from 'chai'

import { decodeHex, encodeHex } from '../bytes.ts'
import { sm2PublicKey } from '../cards/sm2/public-key.ts'
import { decodeCbor } from '../format/cbor.ts'
import { decodeHeader, hashHeader } from '../format/header.ts'
import { decodeStanza } from '../format/stanza.ts'
import { applicationKeyOf, unwrapWithApplicationKey } from '../keys/application-stanza.ts'
import { checkCommitment } from '../keys/commitment.ts'
import { custodySetOf, unwrapShares } from '../keys/custody-stanzas.ts'
import { decodeGivenPart, takePart } from '../keys/given-part.ts'
import { decodeGivenShare, takeShare } from '../keys/given-share.ts'
import { sm2StanzasFor, unwrapWithSm2 } from '../keys/sm2-stanza.ts'
import { checkShare } from '../thresholds/secret-shares.ts'
import { readVectors } from './read-vectors.ts'
import { VECTOR_KEY_NAME, VECTOR_OWNER_ID } from './stanza-vectors.ts'

interface StanzaVectors {
  readonly dataKey: string
  readonly header: string
  readonly application: { readonly key: string; readonly stanza: string }
  readonly custody: {
    readonly shares: readonly string[]
    readonly set: string
    readonly share: string
    readonly custodianSecretKey: string
    readonly requesterSecretKey: string
    readonly given: string
  }
  readonly givenPart: Readonly<Record<'requesterSecretKey' | 'given' | 'point' | 'proof', string>>
  readonly sm2: { readonly privateKey: string; readonly publicKey: string; readonly stanza: string }
}

describe('golden vectors of stanzas are read', () => {
  const vector = readVectors('orlop-stanzas.json') as StanzaVectors
  const header = decodeHeader(decodeHex(vector.header))
  const headerHash = hashHeader(decodeHex(vector.header))
  const { objectId } = header
  const stanzaOf = (hex: string) => decodeStanza(decodeCbor(decodeHex(hex), { maxBytes: 8192 }))

  it('under a header of level 3 that commits to their key', () => {
    expect(header).to.include({ level: 3, suite: 'sm4-gcm' })
    checkCommitment(decodeHex(vector.dataKey), header)
  })

  it('application', () => {
    const stanza = stanzaOf(vector.application.stanza)
    expect(applicationKeyOf(stanza)).to.deep.equal(VECTOR_KEY_NAME)
    const key = decodeHex(vector.application.key)
    const dataKey = unwrapWithApplicationKey({ stanza, key, objectId, headerHash })
    expect(encodeHex(dataKey)).to.equal(vector.dataKey)
  })

  it('custody: set, share and given share', () => {
    const { custody } = vector
    const set = custodySetOf([stanzaOf(custody.set)])!
    const object = { objectId, headerHash, ownerId: VECTOR_OWNER_ID }
    const request = { stanzas: [stanzaOf(custody.share)], ...object }
    const [share] = unwrapShares({ ...request, secretKey: decodeHex(custody.custodianSecretKey) })
    const taken = takeShare({
      given: decodeGivenShare(decodeHex(custody.given)),
      secretKey: decodeHex(custody.requesterSecretKey),
      headerHash,
    })
    for (const one of [share!, taken]) {
      expect(encodeHex(one.bytes)).to.equal(custody.shares[0])
      checkShare(set, one)
    }
  })

  it('given part', () => {
    const { givenPart } = vector
    const secretKey = decodeHex(givenPart.requesterSecretKey)
    const part = takePart(decodeGivenPart(decodeHex(givenPart.given)), { secretKey, headerHash })
    expect(part).to.deep.equal({
      party: 2,
      point: decodeHex(givenPart.point),
      proof: decodeHex(givenPart.proof),
    })
  })

  it('SM2', () => {
    const privateKey = decodeHex(vector.sm2.privateKey)
    expect(encodeHex(sm2PublicKey(privateKey))).to.equal(vector.sm2.publicKey)
    const stanzas = [stanzaOf(vector.sm2.stanza)]
    const [stanza] = sm2StanzasFor(stanzas, decodeHex(vector.sm2.publicKey), objectId)
    expect(encodeHex(unwrapWithSm2(privateKey, stanza!))).to.equal(vector.dataKey)
  })
})
