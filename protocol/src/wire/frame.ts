import * as z from 'zod'
import { type CborValue, decodeCbor, encodeCbor } from '@orlop/crypto/format/cbor'
import { ERROR_CODES, type ErrorCode } from '../error-codes.ts'
import { type ErrorDetails, OrlopError, RemoteError } from '../errors.ts'
import { MAX_FRAME_BYTES } from '../limits.ts'
import { dataOfFrame } from './data-frame.ts'

/** One protocol each verb, so that a peer sees from the name what a stream is for. */
export const PROTOCOLS = {
  hello: '/orlop/hello/1',
  offer: '/orlop/offer/1',
  store: '/orlop/store/1',
  spread: '/orlop/spread/1',
  commit: '/orlop/commit/1',
  fetch: '/orlop/fetch/1',
  status: '/orlop/status/1',
  envelope: '/orlop/envelope/1',
  remove: '/orlop/remove/1',
  relay: '/orlop/relay/1',
} as const

export type Verb = keyof typeof PROTOCOLS

const errorFrame = z.strictObject({
  error: z.strictObject({
    code: z.string().max(64),
    message: z.string().max(2_000),
    details: z.record(z.string().max(64), z.union([z.string().max(512), z.number(), z.boolean()])),
  }),
})

/**
 * Encodes one frame's content as canonical CBOR (RFC 8949 section 4.2). Absent optional fields must be left out.
 *
 * @throws TypeError when the value holds something that is not CBOR's: `undefined`, a bigint, a class instance.
 * @throws OrlopError `MESSAGE_TOO_LARGE` when it is longer than {@link MAX_FRAME_BYTES}.
 */
export function encodeFrame(value: object): Uint8Array {
  const frame = encodeCbor(value as CborValue)
  if (frame.length > MAX_FRAME_BYTES) {
    throw new OrlopError(
      'MESSAGE_TOO_LARGE',
      `A message of ${frame.length} bytes does not fit a frame of ${MAX_FRAME_BYTES}. Send less at a time.`,
    )
  }
  return frame
}

/**
 * Decodes and checks one frame from a peer. The bytes of a data frame are a view of `frame`.
 *
 * @throws RemoteError with the peer's own code when the frame carries an error.
 * @throws OrlopError `MALFORMED_MESSAGE` when it is not what `schema` says.
 */
export function decodeFrame<T>(schema: z.ZodType<T>, frame: Uint8Array, nodeId = 0): T {
  const value = decodeValue(frame)
  const failure = errorFrame.safeParse(value)
  if (failure.success) {
    const { code, message, details } = failure.data.error
    throw new RemoteError(isErrorCode(code) ? code : 'INTERNAL', message, nodeId, details)
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    `A peer's message is not of the expected form (${z.prettifyError(parsed.error)}). Check that both sides run the same version.`,
  )
}

/** Encodes a failure for the peer. Only an {@link OrlopError}'s own text crosses the wire; anything else is `INTERNAL`. */
export function encodeErrorFrame(error: unknown): Uint8Array {
  const known = error instanceof OrlopError
  const code: ErrorCode = known ? error.code : 'INTERNAL'
  const message = known
    ? error.message
    : 'The peer failed internally. Its operator finds the cause in its log.'
  const details: ErrorDetails = known ? error.details : {}
  return encodeFrame({ error: { code, message: message.slice(0, 2_000), details } })
}

function decodeValue(frame: Uint8Array): unknown {
  if (frame.length > MAX_FRAME_BYTES) {
    throw new OrlopError(
      'MESSAGE_TOO_LARGE',
      `A peer sent a message of ${frame.length} bytes; the limit is ${MAX_FRAME_BYTES}. The connection is closed.`,
    )
  }
  const data = dataOfFrame(frame)
  if (data !== null) return { data }
  try {
    return decodeCbor(frame, { maxBytes: MAX_FRAME_BYTES })
  } catch (cause) {
    throw new OrlopError(
      'MALFORMED_MESSAGE',
      'A peer sent bytes that are not canonical CBOR. Check that both sides run the same version.',
      { cause },
    )
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
