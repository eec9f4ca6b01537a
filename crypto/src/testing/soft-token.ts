import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const require = createRequire(import.meta.url)

/** Where packages of SoftHSM put its library. */
const LIBRARIES = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/pkcs11/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
]

/** Found by the paths of every system, since its environment is one of these tests alone. */
const UTILITY = 'softhsm2-util'

/** The path of SoftHSM's library; null where it is not installed (`apt-get install softhsm2`). */
export function softTokenLibrary(): string | null {
  return LIBRARIES.find(existsSync) ?? null
}

/** Tokens in a folder of their own. */
export interface SoftTokens {
  readonly library: string
  /** What SOFTHSM2_CONF must name before the library is initialised. */
  readonly configuration: string
  /**
   * Keeps a key on a token under a label: a new P-256 pair, or an AES key whose bytes are given as ASCII, since
   * SoftHSM's utility reads no others.
   */
  keep(token: string, label: string, key: 'p256' | { readonly ascii: string }): Promise<void>
  remove(): Promise<void>
}

/** The PIN of the user of every token made here. */
export const SOFT_TOKEN_PIN = 'Orlop-11'

/**
 * Initialises tokens of SoftHSM in a temporary folder, and has the binding to PKCS #11 compiled where it is not:
 * the packages are installed without running their scripts.
 *
 * @throws Error when SoftHSM is not installed or the binding cannot be compiled
 */
export async function makeSoftTokens(...labels: string[]): Promise<SoftTokens> {
  const library = softTokenLibrary()
  if (library === null) throw new Error('SoftHSM is not installed: apt-get install softhsm2')
  await compileBinding()
  const folder = await mkdtemp(join(tmpdir(), 'orlop-soft-token-'))
  const configuration = join(folder, 'softhsm2.conf')
  await mkdir(join(folder, 'tokens'))
  await writeFile(configuration, `directories.tokendir = ${folder}/tokens\nlog.level = ERROR\n`)
  const util = (...args: string[]) => run(UTILITY, args, { env: { SOFTHSM2_CONF: configuration } })
  for (const label of labels) {
    const pins = ['--so-pin', 'Orlop-officer', '--pin', SOFT_TOKEN_PIN]
    await util('--init-token', '--free', '--label', label, ...pins)
  }
  return {
    library,
    configuration,
    async keep(token, label, key) {
      const file = join(folder, 'key')
      await writeFile(file, key === 'p256' ? newPem() : key.ascii)
      const flags = key === 'p256' ? [] : ['--aes']
      const id = Buffer.from(label).toString('hex')
      const what = ['--token', token, '--label', label, '--id', id, '--pin', SOFT_TOKEN_PIN]
      await util('--import', file, ...flags, ...what)
      await rm(file)
    },
    remove: () => rm(folder, { recursive: true }),
  }
}

/** The compiled binding: a shared library that is none of PKCS #11. */
export function bindingPath(): string {
  return require.resolve('pkcs11js/build/Release/pkcs11.node')
}

async function compileBinding(): Promise<void> {
  try {
    require.resolve('pkcs11js/build/Release/pkcs11.node')
  } catch {
    await run('npm', ['rebuild', 'pkcs11js', '--ignore-scripts=false'])
  }
}

function newPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}
