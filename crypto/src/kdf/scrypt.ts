/** Cost of scrypt (RFC 7914): `N = 2^logN`, block size `r`, parallelisation `p`. */
export interface ScryptCost {
  readonly logN: number
  readonly r: number
  readonly p: number
}

/** What the platform's scrypt is asked for. */
export interface ScryptRequest extends ScryptCost {
  readonly password: Uint8Array
  readonly salt: Uint8Array
  readonly lengthBytes: number
}
