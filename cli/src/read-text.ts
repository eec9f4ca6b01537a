import { readFile } from 'node:fs/promises'
import { OrlopError } from '@orlop/protocol/errors'

/** The text of a file that an option names. @throws OrlopError `USAGE` when it cannot be read. */
export async function readText(option: string, file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new OrlopError('USAGE', `${option}: ${file} cannot be read. Check the path.`, { cause })
  })
}
