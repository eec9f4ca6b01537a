import { encodeHex } from '../bytes.ts'
import { sm2PublicKey } from '../cards/sm2/public-key.ts'
import { encodeCbor } from '../format/cbor.ts'
import { encodeHeader, hashHeader } from '../format/header.ts'
import { encodeStanza } from '../format/stanza.ts'
import type { Stanza } from '../format/stanza.ts'
import { wrapForApplication } from '../keys/application-stanza.ts'
import { commitHeader } from '../keys/commitment.ts'
import { custodySetStanza, wrapShare } from '../keys/custody-stanzas.ts'
import { encodeGivenPart, givePart } from '../keys/given-part.ts'
import { encodeGivenShare, giveShare } from '../keys/given-share.ts'
import { wrapForSm2 } from '../keys/sm2-stanza.ts'
import { commitShares } from '../thresholds/secret-shares.ts'
import { x25519PublicKey } from '../x25519.ts'
import { namedBytes } from './pattern.ts'

const hexOf = (stanza: Stanza) => encodeHex(encodeCbor(encodeStanza(stanza)))

/** Names of the application's key in the vectors. */
export const VECTOR_KEY_NAME = {
  centreId: namedBytes('centre', 16),
  appId: 'stowage',
  keyId: 'plans',
  version: 3,
} as const

/** Whose object it is. */
export const VECTOR_OWNER_ID = 7

const GIVEN_EXPIRY = 1_800_000_000

/**
 * The stanzas of types 3 to 6 under one header of level 3. The shares are fixed bytes: splitting is random, and joining them is not what the
 * vectors are for.
 */
export function stanzaVectors(): object {
  const dataKey = namedBytes('stanzas: data key', 32)
  const headerBytes = encodeHeader(
    commitHeader(dataKey, {
      objectId: namedBytes('stanzas: object id', 32),
      suite: 'sm4-gcm',
      level: 3,
      chaosProfile: 'wide',
      chunkBytes: 4_194_304,
      k: 1,
      m: 1,
      stripeShareBytes: 65_536,
      salt: namedBytes('stanzas: salt', 32),
    }),
  )
  const object = {
    objectId: namedBytes('stanzas: object id', 32),
    headerHash: hashHeader(headerBytes),
  }
  return {
    dataKey: encodeHex(dataKey),
    header: encodeHex(headerBytes),
    headerHash: encodeHex(object.headerHash),
    ownerId: VECTOR_OWNER_ID,
    application: applicationVector(dataKey, object),
    custody: custodyVector(object),
    sm2: sm2Vector(dataKey, object),
    givenPart: givenPartVector(object),
  }
}

interface VectorObject {
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
}

function applicationVector(dataKey: Uint8Array, object: VectorObject): object {
  const key = namedBytes('application key', 32)
  const stanza = wrapForApplication({ ...object, dataKey, key, name: VECTOR_KEY_NAME })
  const { centreId, ...name } = VECTOR_KEY_NAME
  return { ...name, centreId: encodeHex(centreId), key: encodeHex(key), stanza: hexOf(stanza) }
}

function custodyVector(object: VectorObject): object {
  const setId = namedBytes('set', 16)
  const shares = [1, 2, 3].map((index) => ({
    ...{ setId, index },
    bytes: namedBytes(`share ${String(index)}`, 33),
  }))
  const set = { setId, threshold: 2, commitments: commitShares(shares) }
  const custodian = namedBytes('custodian', 32)
  const requester = namedBytes('requester', 32)
  const [share] = shares
  if (share === undefined) throw new RangeError('shares: expected three')
  const wrapped = wrapShare({
    ...{ ...object, share, ownerId: VECTOR_OWNER_ID },
    custodianKey: x25519PublicKey(custodian),
    randomBytes: (lengthBytes) => namedBytes('custody ephemeral', lengthBytes),
  })
  const given = giveShare({
    ...{ ...object, share },
    requesterKey: x25519PublicKey(requester),
    expiry: GIVEN_EXPIRY,
    randomBytes: (lengthBytes) => namedBytes('giving ephemeral', lengthBytes),
  })
  return {
    setId: encodeHex(setId),
    threshold: set.threshold,
    shares: shares.map(({ bytes }) => encodeHex(bytes)),
    set: hexOf(custodySetStanza(set)),
    custodianSecretKey: encodeHex(custodian),
    share: hexOf(wrapped),
    requesterSecretKey: encodeHex(requester),
    given: encodeHex(encodeGivenShare(given)),
  }
}

function sm2Vector(dataKey: Uint8Array, object: VectorObject): object {
  const privateKey = namedBytes('sm2 private key', 32)
  const publicKey = sm2PublicKey(privateKey)
  const draws = ['sm2 scalar', 'sm2 nonce']
  const stanza = wrapForSm2({
    ...{ ...object, dataKey, publicKey, ownerId: VECTOR_OWNER_ID },
    randomBytes: (lengthBytes) => namedBytes(draws.shift() ?? 'no more', lengthBytes),
  })
  return {
    privateKey: encodeHex(privateKey),
    publicKey: encodeHex(publicKey),
    stanza: hexOf(stanza),
  }
}

/** Point and proof are fixed bytes: proving is random, and checking proofs is not what the vectors are for. */
function givenPartVector(object: VectorObject): object {
  const requester = namedBytes('requester', 32)
  const part = { party: 2, point: namedBytes('point', 65), proof: namedBytes('proof', 64) }
  const given = givePart({
    ...{ ...object, part, expiry: GIVEN_EXPIRY },
    requesterKey: x25519PublicKey(requester),
    randomBytes: (lengthBytes) => namedBytes('part ephemeral', lengthBytes),
  })
  return {
    ...{ party: part.party, point: encodeHex(part.point), proof: encodeHex(part.proof) },
    requesterSecretKey: encodeHex(requester),
    given: encodeHex(encodeGivenPart(given)),
  }
}
