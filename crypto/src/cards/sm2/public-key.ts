import { Sm2Point, sm2Scalar } from './curve.ts'

/** The public key (65 bytes, uncompressed) of an SM2 private key (32 bytes). @throws RangeError when it is none */
export function sm2PublicKey(privateKey: Uint8Array): Uint8Array {
  return Sm2Point.BASE.multiply(sm2Scalar(privateKey)).toBytes(false)
}
