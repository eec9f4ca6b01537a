/** `{ data: bytes }` begins with a map of one pair and the text `data` (RFC 8949 3.1). */
const BEGINNING = Uint8Array.of(0xa1, 0x64, 0x64, 0x61, 0x74, 0x61)
const BYTE_STRING = 2 << 5
/** A byte string's length is in its head up to 23, then in one, two or four bytes behind it; shorter forms are not canonical. */
const LENGTH_FORMS = [
  { info: 24, lengthBytes: 1, least: 24 },
  { info: 25, lengthBytes: 2, least: 0x100 },
  { info: 26, lengthBytes: 4, least: 0x1_0000 },
] as const

/**
 * The frame `{ data }` in two pieces, the second of them `data` itself: byte for byte what the general encoder writes, without copying.
 * Nearly all that crosses the wire is in such frames.
 *
 * @param data - at most `MAX_DATA_FRAME_BYTES`.
 */
export function encodeDataFrame(data: Uint8Array): readonly [head: Uint8Array, data: Uint8Array] {
  const form = LENGTH_FORMS.findLast(({ least }) => data.length >= least)
  const head = new Uint8Array(BEGINNING.length + 1 + (form?.lengthBytes ?? 0))
  head.set(BEGINNING)
  head[BEGINNING.length] = BYTE_STRING | (form?.info ?? data.length)
  let rest = data.length
  for (let at = head.length - 1; at > BEGINNING.length; at--, rest = Math.floor(rest / 0x100)) {
    head[at] = rest & 0xff
  }
  return [head, data]
}

/**
 * The bytes in a frame that {@link encodeDataFrame} has written; a view, not a copy.
 *
 * @returns null for any other frame, canonical or not: the general decoder says what it is.
 */
export function dataOfFrame(frame: Uint8Array): Uint8Array | null {
  if (BEGINNING.some((byte, at) => frame[at] !== byte)) return null
  const head = frame[BEGINNING.length]
  if (head === undefined || head >> 5 !== BYTE_STRING >> 5) return null
  const info = head & 0x1f
  const form = LENGTH_FORMS.find((one) => one.info === info)
  if (form === undefined && info >= 24) return null
  const start = BEGINNING.length + 1 + (form?.lengthBytes ?? 0)
  const length =
    form === undefined
      ? info
      : frame.subarray(BEGINNING.length + 1, start).reduce((sum, byte) => sum * 0x100 + byte, 0)
  const isWhole = frame.length >= start && start + length === frame.length
  return isWhole && length >= (form?.least ?? 0) ? frame.subarray(start) : null
}
