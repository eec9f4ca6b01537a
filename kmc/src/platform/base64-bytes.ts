import * as z from 'zod'

const BASE64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Bytes that stand in JSON as base64 with padding (RFC 4648 section 4). @param mostBytes - longest that is taken. */
export function base64Bytes(mostBytes: number) {
  const mostCharacters = 4 * Math.ceil(mostBytes / 3)
  return z.codec(
    z.string().max(mostCharacters).regex(BASE64, 'expected base64 with padding'),
    z
      .instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array)
      .refine(({ length }) => length <= mostBytes, `expected at most ${mostBytes} bytes`),
    {
      decode: (text) => Uint8Array.from(Buffer.from(text, 'base64')),
      encode: (bytes) => Buffer.from(bytes).toString('base64'),
    },
  )
}
