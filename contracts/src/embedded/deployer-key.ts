import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { computeAddress, getCreateAddress, hexlify } from 'ethers'
import { EMBEDDED_CHAIN_ID } from './anvil-process.ts'
import { syncFolder } from './write-durably.ts'

const KEY_FILE = 'deployer.key'

/**
 * The key that deploys the contracts and is their admin and steward: 32 bytes, made at the first start, in a file that only its
 * owner may read.
 *
 * @throws OrlopError `CONFIG_INVALID` when the file does not hold a key.
 */
export async function readDeployerKey(homeFolder: string): Promise<Uint8Array> {
  const path = join(homeFolder, KEY_FILE)
  try {
    return parseKey(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  const key = generateSecretKey()
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(`${encodeHex(key)}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  await syncFolder(homeFolder)
  return key
}

/**
 * Where the contracts of this key are: the address of a contract follows from its creator and the creator's nonce, so that it needs
 * no memory of its own.
 */
export function embeddedDeployment(privateKey: Uint8Array): Deployment {
  const from = computeAddress(hexlify(privateKey))
  return {
    chainId: EMBEDDED_CHAIN_ID,
    registry: getCreateAddress({ from, nonce: 0 }),
    receipts: getCreateAddress({ from, nonce: 1 }),
    credit: getCreateAddress({ from, nonce: 2 }),
    fromBlock: 1,
  }
}

function parseKey(text: string, path: string): Uint8Array {
  const digits = text.trim()
  if (/^[0-9a-f]{64}$/.test(digits)) return decodeHex(digits)
  throw new OrlopError(
    'CONFIG_INVALID',
    `${path} does not hold a key of 64 hexadecimal digits. Restore it from a backup: the embedded ledger belongs to it.`,
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
