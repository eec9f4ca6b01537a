import { access, mkdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { wipe } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import { OrlopError } from '@orlop/protocol/errors'
import { writeFileAtomically } from '../home/write-file-atomically.ts'
import { FileKeyring, type FileKeyringOptions } from './file-keyring.ts'
import { formatRecoveryKey } from './recovery-key.ts'

const OWNER_ONLY = 0o600

/** Where a new keyring goes, and where its recovery key is left for its owner to take away. */
export interface CreateFileKeyringOptions extends FileKeyringOptions {
  /** Path of the file for the recovery key: one line, as `formatRecoveryKey` writes it. */
  readonly recoveryFile: string
}

/**
 * Makes a new keyring file, and leaves its recovery key in a file beside it. The recovery key is on disk before the keyring is, so
 * that no crash leaves a keyring whose recovery key nobody has. Both files are their owner's only. One process at a time.
 *
 * @throws OrlopError `ALREADY_EXISTS` when one of the two files is there: neither is ever overwritten.
 */
export async function createFileKeyring(options: CreateFileKeyringOptions): Promise<FileKeyring> {
  const { recoveryFile, ...keyringOptions } = options
  await assertFree(options)
  const recoverySecretKey = generateSecretKey()
  try {
    await mkdir(dirname(recoveryFile), { recursive: true, mode: 0o700 })
    await writeFileAtomically(recoveryFile, `${formatRecoveryKey(recoverySecretKey)}\n`, OWNER_ONLY)
    return (await FileKeyring.create({ ...keyringOptions, recoverySecretKey })).keyring
  } catch (error) {
    // A recovery key without its keyring is of no use, and would only stand in the way of the next attempt.
    if (!(await exists(options.file))) await unlink(recoveryFile).catch(() => undefined)
    throw error
  } finally {
    wipe(recoverySecretKey)
  }
}

async function assertFree({ file, recoveryFile }: CreateFileKeyringOptions): Promise<void> {
  if (await exists(file)) {
    throw new OrlopError(
      'ALREADY_EXISTS',
      `The keyring ${file} exists already. Open it with its passphrase, or give another file name.`,
    )
  }
  if (await exists(recoveryFile)) {
    throw new OrlopError(
      'ALREADY_EXISTS',
      `There is a recovery key in ${recoveryFile}, but no keyring at ${file}. If the keyring was lost, restore it from your backup. Otherwise move the recovery key away and try again; keep it if a client was ever registered with it.`,
    )
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
