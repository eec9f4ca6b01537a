import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { openDatabase } from '@orlop/client-sdk/home/open-database'
import { encodeHex, encodeUtf8 } from '@orlop/crypto/bytes'

/** Something that lies on a disk, unpacked as far as it can be. */
export interface Found {
  /** The file, and the key where it is a database. */
  readonly where: string
  readonly bytes: Buffer
  /** Of a database. */
  readonly record?: { readonly key: string; readonly value: Uint8Array }
}

/** Something to look for, in every way a program may have written it down. */
export interface Needle {
  readonly what: string
  readonly forms: readonly Buffer[]
}

/** A secret as raw bytes, hexadecimal and base64; a text in UTF-16 as well. */
export function needle(what: string, secret: string | Uint8Array): Needle {
  const bytes = typeof secret === 'string' ? encodeUtf8(secret) : secret
  const hex = encodeHex(bytes)
  const texts = [hex, hex.toUpperCase(), ...base64Forms(bytes)].map((text) => Buffer.from(text))
  const wide = typeof secret === 'string' ? [Buffer.from(secret, 'utf16le')] : []
  return { what, forms: [Buffer.from(bytes), ...texts, ...wide] }
}

/** Which needles are in what was found. @returns sentences of the form `what in where`. */
export function search(found: Found, needles: readonly Needle[]): string[] {
  const isIn = ({ forms }: Needle) => forms.some((form) => found.bytes.includes(form))
  return needles.filter(isIn).map(({ what }) => `${what} in ${found.where}`)
}

/** Every file below a folder as it is, gzip unpacked too, and the keys and values of every Level database, which packs its own. */
export async function* contentsOf(folder: string): AsyncIterable<Found> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const where = join(entry.parentPath, entry.name)
    const bytes = await readFile(where).catch(() => null)
    // A running process may have removed it meanwhile.
    if (bytes === null) continue
    yield { where, bytes }
    if (where.endsWith('.gz')) yield { where, bytes: gunzipSync(bytes) }
    if (basename(where) === 'CURRENT') yield* databaseContents(dirname(where))
  }
}

/** Reads a copy, because the process that the database belongs to has it open. */
async function* databaseContents(folder: string): AsyncIterable<Found> {
  const copy = await mkdtemp(join(tmpdir(), 'oe-db-'))
  try {
    await cp(folder, join(copy, 'db'), { recursive: true })
    const database = await openDatabase(copy)
    try {
      for await (const [key, value] of database.iterator()) {
        const bytes = Buffer.concat([Buffer.from(key), value])
        yield { where: `${folder} at ${key}`, bytes, record: { key, value } }
      }
    } finally {
      await database.close()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

/** The middle of base64 text is the same wherever the secret began within three bytes. */
function base64Forms(bytes: Uint8Array): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const start = (3 - shift) % 3
    const whole = bytes.subarray(start, start + 3 * Math.floor((bytes.length - start) / 3))
    return (['base64', 'base64url'] as const).map((form) => Buffer.from(whole).toString(form))
  })
}
