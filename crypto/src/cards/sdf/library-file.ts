import { open } from 'node:fs/promises'

import { CardLibraryError } from '../card-errors.ts'

/** e_machine of the ELF header (System V gABI, registry of machines) by Node's names. */
const MACHINES: Readonly<Record<string, number>> = {
  ia32: 3,
  ppc64: 21,
  s390x: 22,
  arm: 40,
  x64: 62,
  arm64: 183,
  riscv64: 243,
  loong64: 258,
}
const ELF_MAGIC = Buffer.from('\x7fELF', 'latin1')
const HEADER_BYTES = 64
const CLASS_64 = 2
const BIG_ENDIAN = 2

interface LibraryFile {
  /** Its first 64 bytes; zeros where it has fewer. */
  readonly header: Buffer
  readonly sizeBytes: number
}

/**
 * Tells beforehand what the loader would say in words of its own, or not live to say: whether the file is there,
 * a library for this machine, and whole. Other systems than those of ELF have no such check.
 *
 * @throws CardLibraryError with reason `library-missing`, `wrong-architecture` or `not-starting`
 */
export async function checkLibraryFile(card: string, path: string): Promise<void> {
  const { header, sizeBytes } = await readHeader(card, path)
  if (process.platform === 'win32' || process.platform === 'darwin') return
  if (!header.subarray(0, ELF_MAGIC.length).equals(ELF_MAGIC)) {
    throw wrongArchitecture(card, `${path} is no shared library`)
  }
  const machine = header[5] === BIG_ENDIAN ? header.readUInt16BE(18) : header.readUInt16LE(18)
  if (machine !== MACHINES[process.arch]) {
    const name = Object.entries(MACHINES).find(([, number]) => number === machine)?.[0]
    const kind = name ?? `machine number ${String(machine)}`
    throw wrongArchitecture(card, `${path} is a library for ${kind}`)
  }
  if (sizeBytes >= leastBytes(header)) return
  // The loader maps what the headers promise: reading behind the file's end would end the process.
  throw new CardLibraryError(card, 'not-starting', `${path} is cut short; install it again`)
}

async function readHeader(card: string, path: string): Promise<LibraryFile> {
  const header = Buffer.alloc(HEADER_BYTES)
  try {
    await using file = await open(path)
    const stat = await file.stat()
    if (stat.isFile()) await file.read(header, 0, HEADER_BYTES, 0)
    return { header, sizeBytes: stat.size }
  } catch (cause) {
    throw new CardLibraryError(
      card,
      'library-missing',
      `${path} cannot be read; install the vendor's library, or give its path`,
      { cause },
    )
  }
}

/** Where the table of sections ends, which linkers write last: e_shoff + e_shentsize · e_shnum. */
function leastBytes(header: Buffer): number {
  const isBig = header[5] === BIG_ENDIAN
  const read16 = (at: number) => (isBig ? header.readUInt16BE(at) : header.readUInt16LE(at))
  const read32 = (at: number) => (isBig ? header.readUInt32BE(at) : header.readUInt32LE(at))
  if (header[4] !== CLASS_64) return read32(32) + read16(46) * read16(48)
  const offset = isBig ? header.readBigUInt64BE(40) : header.readBigUInt64LE(40)
  return Number(offset) + read16(58) * read16(60)
}

function wrongArchitecture(card: string, what: string): CardLibraryError {
  return new CardLibraryError(
    card,
    'wrong-architecture',
    `${what}, and this is ${process.platform} on ${process.arch}; install the vendor's library for it`,
  )
}
