/** How much like noise bytes are. */
export interface ByteStatistics {
  /** Shannon entropy of single bytes, 0 to 8 bits. */
  entropyBits: number
  /** Correlation of each byte with the next one, -1 to 1; 0 where bytes do not vary. */
  correlation: number
}

/** Measures bytes as the paper does its figures. */
export function byteStatistics(bytes: Uint8Array): ByteStatistics {
  return { entropyBits: entropyOf(bytes), correlation: correlationOf(bytes) }
}

function entropyOf(bytes: Uint8Array): number {
  const counts = new Float64Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  let bits = 0
  for (const count of counts) {
    if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length)
  }
  return bits
}

function correlationOf(bytes: Uint8Array): number {
  const pairs = bytes.length - 1
  let [sumX, sumY, sumXX, sumYY, sumXY] = [0, 0, 0, 0, 0]
  for (let place = 0; place < pairs; place++) {
    const [x, y] = [bytes[place] ?? 0, bytes[place + 1] ?? 0]
    sumX += x
    sumY += y
    sumXX += x * x
    sumYY += y * y
    sumXY += x * y
  }
  const spread = Math.sqrt((pairs * sumXX - sumX * sumX) * (pairs * sumYY - sumY * sumY))
  return spread === 0 ? 0 : (pairs * sumXY - sumX * sumY) / spread
}

/** Bytes as an editor shows unknown ones: Latin-1, with a dot for what cannot be printed. */
export function asLatin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes).replaceAll(/\p{Cc}/gu, '·')
}
