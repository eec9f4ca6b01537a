import * as z from 'zod'
import { route } from '../api/route.ts'
import { nothing, wholeNumber } from '../api/values.ts'
import { MAX_VERSIONS, nameSchema } from '../keys/records.ts'
import { base64Bytes } from './base64-bytes.ts'
import { ENVELOPE_KINDS } from './envelopes.ts'
import { SIGNATURE_ALGORITHMS, ENVELOPE_ALGORITHMS } from './key-pairs.ts'
import { HASH_ALGORITHMS } from './platform.ts'

/** Most bytes of one call's data. What is longer is hashed in a stream, or sealed as an object. */
export const MAX_DATA_BYTES = 1024 * 1024
const MAX_ADDITIONAL_BYTES = 4096
/** Format, version, salt and the longest tag. */
const MAX_CIPHERTEXT_BYTES = MAX_DATA_BYTES + 64
const MAX_SIGNATURE_BYTES = 128
const MAX_PEM_CHARACTERS = 4096
const MAX_RANDOM_BYTES = 1024
const MAX_BODY_BYTES = 2 * 1024 * 1024

const PREFIX = '/v1/platform'
const asked = { params: nothing, query: nothing, roles: ['application'] } as const

const data = base64Bytes(MAX_DATA_BYTES)
const additionalData = base64Bytes(MAX_ADDITIONAL_BYTES).optional()
const version = z.int().min(1).max(MAX_VERSIONS)
const key = { keyId: nameSchema, version: version.optional() }
/** Of signatures of curves; `der` when left out. */
const encoding = z.enum(['der', 'raw']).optional()
const signature = base64Bytes(MAX_SIGNATURE_BYTES)
const mac = base64Bytes(32)

const envelope = {
  kind: z.enum(ENVELOPE_KINDS),
  wrappedKey: base64Bytes(512),
  nonce: base64Bytes(12).refine((bytes) => bytes.length === 12, 'expected 12 bytes'),
  ciphertext: base64Bytes(MAX_CIPHERTEXT_BYTES),
}

const post = <const R extends { body: z.ZodObject; answer: z.ZodObject }>(
  path: string,
  summary: string,
  of: R,
) =>
  route({
    ...asked,
    ...of,
    method: 'post',
    path: `${PREFIX}/${path}`,
    summary,
    maxBodyBytes: MAX_BODY_BYTES,
  })

/** What the centre does for applications with keys that stay in it. Bytes are base64 here. */
export const PLATFORM_ROUTES = {
  encrypt: post('encrypt', 'Encrypt up to 1 MiB by the newest version of a key', {
    body: z.strictObject({ keyId: nameSchema, data, additionalData }),
    answer: z.object({ version, ciphertext: base64Bytes(MAX_CIPHERTEXT_BYTES) }),
  }),
  decrypt: post('decrypt', 'Decrypt what `encrypt` answered', {
    body: z.strictObject({
      keyId: nameSchema,
      ciphertext: base64Bytes(MAX_CIPHERTEXT_BYTES),
      additionalData,
    }),
    answer: z.object({ data }),
  }),
  mac: post('mac', 'Authenticate up to 1 MiB (HMAC)', {
    body: z.strictObject({ ...key, data }),
    answer: z.object({ version, mac }),
  }),
  verifyMac: post('mac/verify', 'Whether a MAC is right', {
    body: z.strictObject({ ...key, data, mac }),
    answer: z.object({ version, valid: z.boolean() }),
  }),
  sign: post('sign', 'Sign up to 1 MiB (SM2, ECDSA P-256, Ed25519)', {
    body: z.strictObject({ ...key, data, encoding }),
    answer: z.object({ version, algorithm: z.enum(SIGNATURE_ALGORITHMS), signature }),
  }),
  verify: post('verify', 'Whether a signature by one of the application’s keys is right', {
    body: z.strictObject({ ...key, data, signature, encoding }),
    answer: z.object({ version, valid: z.boolean() }),
  }),
  publicKey: post('public-key', 'The public key of a pair', {
    body: z.strictObject(key),
    answer: z.object({
      version,
      algorithm: z.enum([...SIGNATURE_ALGORITHMS, ...ENVELOPE_ALGORITHMS]),
      /** SubjectPublicKeyInfo, PEM. */
      publicKey: z.string(),
    }),
  }),
  sealEnvelope: post('envelope/seal', 'Put up to 1 MiB into a digital envelope for a public key', {
    body: z.strictObject({
      /** PEM: SM2, or RSA of 2048 to 4096 bits. */
      recipient: z.string().max(MAX_PEM_CHARACTERS),
      data,
    }),
    answer: z.object(envelope),
  }),
  openEnvelope: post(
    'envelope/open',
    'Open a digital envelope with one of the application’s keys',
    {
      body: z.strictObject({ ...key, ...envelope }),
      answer: z.object({ data }),
    },
  ),
  hash: post('hash', 'The digest of up to 1 MiB', {
    body: z.strictObject({ algorithm: z.enum(HASH_ALGORITHMS), data }),
    answer: z.object({ digest: base64Bytes(64) }),
  }),
  random: route({
    ...asked,
    method: 'get',
    path: `${PREFIX}/random`,
    summary: 'Random bytes of the centre’s monitored source',
    query: z.strictObject({ bytes: wholeNumber({ min: 1, max: MAX_RANDOM_BYTES }) }),
    body: null,
    answer: z.object({ data: base64Bytes(MAX_RANDOM_BYTES) }),
  }),
} as const
