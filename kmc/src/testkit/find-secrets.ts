/** Shortest that is looked for: shorter ones are found anywhere by chance. */
const LEAST_BYTES = 16

/**
 * Looks for secrets in everything that a value leads to: properties of every kind (also those that printing leaves out), causes, maps and
 * sets, bytes, and texts in which bytes stand as hexadecimal, base64 or decimal numbers.
 *
 * @param secrets - of 16 bytes or more each.
 * @returns the way to each place that shows one.
 */
export function findSecrets(value: unknown, secrets: readonly Uint8Array[]): string[] {
  if (secrets.some(({ length }) => length < LEAST_BYTES)) throw new RangeError('secrets: too short')
  const wanted = secrets.map((secret) => ({ bytes: Buffer.from(secret), texts: textsOf(secret) }))
  const found: string[] = []
  const seen = new Set<object>()
  const look = (one: unknown, way: string): void => {
    if (typeof one === 'string') {
      // Printed bytes stand in columns, or between colons.
      const plain = one.replaceAll(/[\s:]/g, '')
      const all = `${plain} ${plain.toLowerCase()}`
      if (wanted.some(({ texts }) => texts.some((text) => all.includes(text)))) found.push(way)
      return
    }
    if (typeof one !== 'object' || one === null || seen.has(one)) return
    seen.add(one)
    if (one instanceof ArrayBuffer || ArrayBuffer.isView(one)) {
      const bytes = bytesOf(one)
      if (wanted.some((secret) => bytes.includes(secret.bytes))) found.push(way)
      return
    }
    if (Array.isArray(one)) look(one.join(), `${way} as numbers`)
    for (const [name, part] of partsOf(one)) look(part, `${way}.${name}`)
  }
  look(value, '')
  return found
}

function bytesOf(memory: ArrayBuffer | ArrayBufferView): Buffer {
  return memory instanceof ArrayBuffer
    ? Buffer.from(memory)
    : Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength)
}

function partsOf(one: object): [string, unknown][] {
  const own = Reflect.ownKeys(one).map((key): [string, unknown] => [
    String(key),
    Reflect.get(one, key),
  ])
  if (one instanceof Map) return [...own, ['entries', [...one]]]
  return one instanceof Set ? [...own, ['members', [...one]]] : own
}

function textsOf(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret)
  const base64 = bytes.toString('base64').replaceAll('=', '')
  return [bytes.toString('hex'), secret.join(), base64, bytes.toString('base64url')]
}
