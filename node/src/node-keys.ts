import { open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodeHex, encodeHex, randomBytes } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import { OrlopError } from '@orlop/protocol/errors'
import { lockHome } from './home-lock.ts'
import { syncFolder } from './storage/sync-folder.ts'

export interface NodeKeys {
  /** secp256k1, 32 bytes: signs promises and transactions. */
  ledgerKey: Uint8Array
  /** 32 bytes the libp2p identity grows from. */
  peerSeed: Uint8Array
}

const KEY_BYTES = 32

/**
 * Reads a node's keys from its home, or makes them at the first start. Only the owner may read them (mode 0600). The home is locked
 * meanwhile: of two first starts at once, one would run with keys that the other has replaced.
 *
 * @throws OrlopError `HOME_LOCKED` when another process runs on the home; `CONFIG_INVALID` when a key file does not hold 32 bytes in
 * hexadecimal.
 */
export async function openNodeKeys(home: string): Promise<NodeKeys> {
  const lock = await lockHome(home)
  try {
    return {
      ledgerKey: await openKey(join(home, 'ledger.key'), generateSecretKey),
      peerSeed: await openKey(join(home, 'peer.key'), () => randomBytes(KEY_BYTES)),
    }
  } finally {
    await lock.release()
  }
}

async function openKey(path: string, generate: () => Uint8Array): Promise<Uint8Array> {
  return (await readKey(path)) ?? (await writeKey(path, generate()))
}

async function readKey(path: string): Promise<Uint8Array | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  if (/^[0-9a-f]{64}\n?$/.test(text)) return decodeHex(text.trim())
  throw new OrlopError(
    'CONFIG_INVALID',
    `${path} does not hold a key of 32 bytes in hexadecimal. Restore it from a backup; a new key is a new node.`,
  )
}

/** Whole or not at all: half a key after a crash would read as a damaged one that nobody can restore. */
async function writeKey(path: string, key: Uint8Array): Promise<Uint8Array> {
  const temporary = `${path}.new`
  const file = await open(temporary, 'w', 0o600)
  try {
    await file.writeFile(`${encodeHex(key)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
  await syncFolder(dirname(path))
  return key
}
