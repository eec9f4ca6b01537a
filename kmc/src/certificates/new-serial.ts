import { encodeHex } from '@orlop/crypto/bytes'
import type { Centre } from '../centre.ts'

const SERIAL_BYTES = 16

/** A serial number of 126 random bits: positive in DER, and as long as every other. @throws KmcError `RANDOM_REFUSED` */
export async function newSerial({ random }: Centre): Promise<string> {
  const bytes = await random.generate(SERIAL_BYTES)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return encodeHex(bytes)
}

/** Certificates tell times in seconds. */
export const wholeSeconds = (timeMs: number) => timeMs - (timeMs % 1000)
