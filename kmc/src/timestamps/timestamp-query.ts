import { AsnConvert } from '@peculiar/asn1-schema'
import { TimeStampReq } from '@peculiar/asn1-tsp'
import { encodeHex } from '@orlop/crypto/bytes'
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest-algorithms.ts'
import { TimestampRefusal } from './timestamp-refusal.ts'

/** Most bytes of a query: the longest digest, a nonce and a policy take a fraction of it. */
export const MAX_QUERY_BYTES = 1024
const MAX_NONCE_BYTES = 64
/** DER of NULL: how parameters of a digest algorithm may be written, besides not at all. */
const NULL = '0500'

/** What a timestamp is asked for. */
export interface TimestampQuery {
  readonly algorithm: DigestAlgorithm
  /** As long as the algorithm says. */
  readonly digest: Uint8Array
  /** Big-endian, as it came; null for none. */
  readonly nonce: Uint8Array | null
  readonly wantsCertificate: boolean
}

/**
 * Reads a TimeStampReq (RFC 3161 section 2.4.1).
 *
 * @param der - the query.
 * @param policy - the only policy that there is.
 * @throws TimestampRefusal
 */
export function readTimestampQuery(der: Uint8Array, policy: string): TimestampQuery {
  const { version, messageImprint, reqPolicy, nonce, certReq, extensions } = parse(der)
  const asked: number = version
  if (asked !== 1) {
    throw new TimestampRefusal('badRequest', `Version ${asked} is not known here.`)
  }
  const { hashAlgorithm, hashedMessage } = messageImprint
  const algorithm = readAlgorithm(hashAlgorithm.algorithm, hashAlgorithm.parameters ?? null)
  const digest = new Uint8Array(hashedMessage.buffer)
  if (digest.length !== algorithm.lengthBytes) {
    throw new TimestampRefusal(
      'badDataFormat',
      `A digest of ${algorithm.name} has ${algorithm.lengthBytes} bytes, this one ${digest.length}.`,
    )
  }
  if (reqPolicy !== undefined && reqPolicy !== policy) {
    throw new TimestampRefusal('unacceptedPolicy', `The only policy here is ${policy}.`)
  }
  if (extensions !== undefined) {
    throw new TimestampRefusal('unacceptedExtension', 'No extension of queries is known here.')
  }
  return { algorithm, digest, nonce: readNonce(nonce), wantsCertificate: certReq }
}

function parse(der: Uint8Array): TimeStampReq {
  try {
    if (der.length > MAX_QUERY_BYTES) throw new RangeError('it is too long')
    return AsnConvert.parse(Uint8Array.from(der), TimeStampReq)
  } catch (cause) {
    throw new TimestampRefusal('badDataFormat', 'This is no query by RFC 3161.', cause)
  }
}

function readAlgorithm(oid: string, parameters: ArrayBuffer | null): DigestAlgorithm {
  const algorithm = DIGEST_ALGORITHMS.find((one) => one.oid === oid)
  const isPlain = parameters === null || encodeHex(new Uint8Array(parameters)) === NULL
  if (algorithm !== undefined && isPlain) return algorithm
  const names = DIGEST_ALGORITHMS.map(({ name }) => name).join(', ')
  throw new TimestampRefusal('badAlg', `Timestamps are given for digests of ${names}.`)
}

function readNonce(nonce: ArrayBuffer | undefined): Uint8Array | null {
  if (nonce === undefined) return null
  if (nonce.byteLength > MAX_NONCE_BYTES) {
    throw new TimestampRefusal('badDataFormat', `A nonce has at most ${MAX_NONCE_BYTES} bytes.`)
  }
  return new Uint8Array(nonce)
}
