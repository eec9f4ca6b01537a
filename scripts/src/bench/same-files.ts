import { createReadStream } from 'node:fs'
import { createHash } from 'node:crypto'
import { pipeline } from 'node:stream/promises'

/** Hash of a file's content, hexadecimal SHA-256, in flat memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Whether two files have the same content. */
export async function sameFiles(one: string, other: string): Promise<boolean> {
  return (await hashFile(one)) === (await hashFile(other))
}
