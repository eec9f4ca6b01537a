import * as z from 'zod'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import { decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import { MAX_TRANSACTION_BYTES } from '../store/key-store.ts'

/** The register is spread over so many rows; each change rewrites only those it touches, and the head. */
export const BUCKETS = 64

const digest = z.instanceof(Uint8Array).refine(({ length }) => length === 32)
const headSchema = z.strictObject({
  buckets: z.array(digest.nullable()).length(BUCKETS),
  sequence: z.int().min(0),
})
const bucketSchema = z.array(z.tuple([z.string(), digest]))
const DECODE = { maxBytes: MAX_TRANSACTION_BYTES }

/** The top of the register: what every row of it must be, and how many changes there were. */
export interface RegisterHead {
  /** Changes since the centre was made. */
  readonly sequence: number
  /** SHA-256 of each bucket's sealed row; null for one that is empty. */
  readonly buckets: readonly (Uint8Array | null)[]
}

/** The rows that belong into a bucket, by place, with SHA-256 of each sealed row. */
export type Bucket = ReadonlyMap<string, Uint8Array>

export const EMPTY_HEAD: RegisterHead = {
  sequence: 0,
  buckets: new Array<null>(BUCKETS).fill(null),
}

/** The number of the bucket that a place belongs to. */
export function bucketOf(place: string): number {
  return (sha256(encodeUtf8(place))[0] ?? 0) % BUCKETS
}

export function encodeHead({ sequence, buckets }: RegisterHead): Uint8Array {
  return encodeCbor({ sequence, buckets })
}

export function decodeHead(bytes: Uint8Array): RegisterHead {
  return headSchema.parse(decodeCbor(bytes, DECODE))
}

export function encodeBucket(bucket: Bucket): Uint8Array {
  return encodeCbor([...bucket].map(([place, rowDigest]) => [place, rowDigest]))
}

export function decodeBucket(bytes: Uint8Array): Map<string, Uint8Array> {
  return new Map(bucketSchema.parse(decodeCbor(bytes, DECODE)))
}
