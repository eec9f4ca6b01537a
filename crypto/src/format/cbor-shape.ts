import { LimitError, MalformedError } from '../errors.ts'

const MAJOR_BYTES = 2
const MAJOR_TEXT = 3
const MAJOR_ARRAY = 4
const MAJOR_MAP = 5

/**
 * Walks over the heads of CBOR items (RFC 8949 3) without building anything, so that hostile input
 * can neither overflow the stack by nesting nor make a decoder allocate for what is not there.
 *
 * @throws LimitError when arrays and maps nest deeper than `maxDepth`
 * @throws MalformedError when the input ends early or is longer than its one item
 */
export function assertCborShape(bytes: Uint8Array, maxDepth: number): void {
  // Items still to come at each open level; the outermost level holds exactly one.
  const remaining = [1]
  let offset = 0
  while (remaining.length > 0) {
    const level = remaining.length - 1
    const left = remaining[level] ?? 0
    if (left === 0) {
      remaining.pop()
      continue
    }
    remaining[level] = left - 1
    const head = readHead(bytes, offset)
    offset = head.next
    if (head.major === MAJOR_BYTES || head.major === MAJOR_TEXT) offset += head.argument
    if (head.major === MAJOR_ARRAY || head.major === MAJOR_MAP) {
      if (level >= maxDepth) {
        throw new LimitError(`CBOR nests deeper than ${String(maxDepth)} levels`)
      }
      remaining.push(head.major === MAJOR_MAP ? head.argument * 2 : head.argument)
    }
    // Each item takes a byte at least, so a count beyond the rest of the input is a lie.
    if (offset + (remaining.at(-1) ?? 0) > bytes.length) throw endsEarly()
  }
  if (offset !== bytes.length) {
    throw new MalformedError('CBOR has bytes after its end; the sender must encode it again')
  }
}

function readHead(
  bytes: Uint8Array,
  offset: number,
): { major: number; argument: number; next: number } {
  const initial = bytes[offset]
  if (initial === undefined) throw endsEarly()
  const major = initial >> 5
  const info = initial & 31
  if (info < 24) return { major, argument: info, next: offset + 1 }
  if (info > 27) throw new MalformedError('CBOR has an indefinite length or a reserved head')
  const next = offset + 1 + 2 ** (info - 24)
  if (next > bytes.length) throw endsEarly()
  let argument = 0
  for (let index = offset + 1; index < next; index++)
    argument = argument * 256 + (bytes[index] ?? 0)
  return { major, argument, next }
}

function endsEarly(): MalformedError {
  return new MalformedError('CBOR ends early; the sender must send it again')
}
