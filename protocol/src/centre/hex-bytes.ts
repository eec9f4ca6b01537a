import * as z from 'zod'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'

/** Bytes that stand in JSON as lower-case hexadecimal digits. @param lengthsBytes - how many there may be. */
export function hexBytes(...lengthsBytes: readonly number[]) {
  const counts = lengthsBytes.map((lengthBytes) => `([0-9a-f]{2}){${lengthBytes}}`)
  return hexCodec(new RegExp(`^(${counts.join('|')})$`))
}

/** As {@link hexBytes}, of any length up to `mostBytes`. */
export function hexBytesUpTo(mostBytes: number) {
  return hexCodec(new RegExp(`^([0-9a-f]{2}){0,${mostBytes}}$`))
}

function hexCodec(pattern: RegExp) {
  return z.codec(
    z.string().regex(pattern, 'expected lower-case hexadecimal digits of the right length'),
    z.instanceof<typeof Uint8Array<ArrayBufferLike>>(Uint8Array),
    { decode: (text) => decodeHex(text), encode: (bytes) => encodeHex(bytes) },
  )
}
