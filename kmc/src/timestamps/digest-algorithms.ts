/** A digest that timestamps are given for. */
export interface DigestAlgorithm {
  readonly name: string
  readonly oid: string
  readonly lengthBytes: number
}

/** NIST's by RFC 5754 section 2, SM3 by GM/T 0006. SHA-1 and MD5 are missing because collisions of theirs can be made. */
export const DIGEST_ALGORITHMS: readonly DigestAlgorithm[] = [
  { name: 'sha256', oid: '2.16.840.1.101.3.4.2.1', lengthBytes: 32 },
  { name: 'sha384', oid: '2.16.840.1.101.3.4.2.2', lengthBytes: 48 },
  { name: 'sha512', oid: '2.16.840.1.101.3.4.2.3', lengthBytes: 64 },
  { name: 'sm3', oid: '1.2.156.10197.1.401', lengthBytes: 32 },
]

export const SHA256_OID = '2.16.840.1.101.3.4.2.1'
