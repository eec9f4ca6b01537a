/** A copy that lacks one optional field: an absent field and an undefined one are not the same in CBOR. */
export function without<T extends object, K extends keyof T>(value: T, field: K): Omit<T, K> {
  const copy = { ...value }
  Reflect.deleteProperty(copy, field)
  return copy
}
