import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from './context.ts'

/**
 * The keyring's passphrase: from the file given, from the environment, or asked for on a terminal without showing it.
 *
 * @throws OrlopError `USAGE` when there is no way to get one.
 */
export async function readPassphrase(context: CliContext, prompt: string): Promise<string> {
  if (context.passphraseFile !== null) return await readPassphraseFile(context.passphraseFile)
  if (context.passphrase !== null) return context.passphrase
  if (!context.stdin.isTTY) {
    throw new OrlopError(
      'USAGE',
      'The keyring needs its passphrase. Give --passphrase-file FILE, or set ORLOP_PASSPHRASE.',
    )
  }
  return await askSilently(context, prompt)
}

/** The first line of a file. @throws OrlopError `USAGE` when it cannot be read. */
export async function readPassphraseFile(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new OrlopError('USAGE', `The passphrase file ${path} cannot be read. Check the path.`, {
      cause,
    })
  })
  return text.split(/\r?\n/)[0] ?? ''
}

async function askSilently(context: CliContext, prompt: string): Promise<string> {
  context.stderr.write(prompt)
  const silent = new Writable({
    write: (_chunk, _encoding, done) => {
      done()
    },
  })
  const reader = createInterface({ input: context.stdin, output: silent, terminal: true })
  try {
    return await reader.question('', { signal: context.signal })
  } finally {
    reader.close()
    context.stderr.write('\n')
  }
}
