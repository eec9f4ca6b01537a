import { concat } from '@orlop/crypto/bytes'

/** A DER value of some parts (X.690 section 8.1), up to 65 535 bytes. */
export function derOf(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = concat(...parts)
  const { length } = content
  if (length < 0x80) return concat(Uint8Array.of(tag, length), content)
  if (length < 0x100) return concat(Uint8Array.of(tag, 0x81, length), content)
  return concat(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content)
}
