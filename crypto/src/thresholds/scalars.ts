import { assertInteger, encodeHex } from '../bytes.ts'
import { SM2_FIELD_BYTES, Sm2Point } from '../cards/sm2/curve.ts'

/** Numbers modulo the order of SM2's curve. In BigInt, so not in constant time: see the documentation's limits. */
export const Scalars = Sm2Point.Fn

/** 32 bytes, big-endian. */
export function encodeScalar(scalar: bigint): Uint8Array {
  return Uint8Array.from(Scalars.toBytes(scalar))
}

/** @throws RangeError when the bytes are not 32, or not a number below the order. */
export function decodeScalar(bytes: Uint8Array): bigint {
  if (bytes.length !== SM2_FIELD_BYTES) throw new RangeError('scalar: expected 32 bytes')
  const scalar = BigInt(`0x${encodeHex(bytes)}`)
  if (scalar >= Scalars.ORDER) throw new RangeError('scalar: expected a number below the order')
  return scalar
}

/**
 * The weights that give a polynomial's value at 0 from its values at some places (Lagrange).
 *
 * @param places - distinct, from 1 to 255.
 * @throws RangeError when two are the same.
 */
export function weightsAtZero(places: readonly number[]): bigint[] {
  if (new Set(places).size !== places.length) throw new RangeError('places: expected distinct ones')
  return places.map((own) => {
    assertInteger('place', own, { min: 1, max: 255 })
    let weight = 1n
    for (const other of places) {
      if (other === own) continue
      const distance = Scalars.create(BigInt(other - own))
      weight = Scalars.mul(weight, Scalars.mul(BigInt(other), Scalars.inv(distance)))
    }
    return weight
  })
}
