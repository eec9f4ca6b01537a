import { access, mkdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { wipe } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import { OrlopError } from '@orlop/protocol/errors'
import { writeFileAtomically } from '../home/write-file-atomically.ts'
import { FileKeyring, type FileKeyringOptions, isExisting, keyringExists } from './file-keyring.ts'
import { formatRecoveryKey } from './recovery-key.ts'

const OWNER_ONLY = 0o600

/** Where a new keyring goes, and where its recovery key is left for its owner to take away. */
export interface CreateFileKeyringOptions extends FileKeyringOptions {
  /** Path of the file for the recovery key: one line, as `formatRecoveryKey` writes it. */
  readonly recoveryFile: string
}

/**
 * Makes a new keyring file, and leaves its recovery key in a file beside it. The recovery key is on disk before the keyring is, so
 * that no crash leaves a keyring whose recovery key nobody has. Both files are their owner's only. Of several processes at the same
 * place one makes its keyring; the others are refused.
 *
 * @throws OrlopError `ALREADY_EXISTS` when one of the two files is there: neither is ever overwritten.
 */
export async function createFileKeyring(options: CreateFileKeyringOptions): Promise<FileKeyring> {
  const { recoveryFile, ...keyringOptions } = options
  if (await exists(options.file)) throw keyringExists(options.file)
  const recoverySecretKey = generateSecretKey()
  try {
    await claimRecoveryFile(options, recoverySecretKey)
    try {
      return (await FileKeyring.create({ ...keyringOptions, recoverySecretKey })).keyring
    } catch (error) {
      // A recovery key without its keyring is of no use, and would only stand in the way of the next attempt.
      if (!(await exists(options.file))) await unlink(recoveryFile).catch(() => undefined)
      throw error
    }
  } finally {
    wipe(recoverySecretKey)
  }
}

/** Whoever has made the recovery file makes the keyring: no other process comes past this. */
async function claimRecoveryFile(
  { file, recoveryFile }: CreateFileKeyringOptions,
  recoverySecretKey: Uint8Array,
): Promise<void> {
  const text = `${formatRecoveryKey(recoverySecretKey)}\n`
  await mkdir(dirname(recoveryFile), { recursive: true, mode: 0o700 })
  try {
    await writeFileAtomically(recoveryFile, text, { mode: OWNER_ONLY, overwrite: false })
  } catch (cause) {
    if (!isExisting(cause)) throw cause
    if (await exists(file)) throw keyringExists(file, cause)
    throw new OrlopError(
      'ALREADY_EXISTS',
      `There is a recovery key in ${recoveryFile}, but no keyring at ${file}. If another process makes one just now, wait for it. If the keyring was lost, restore it from your backup, or have the recovery key make new ones with 'orlop rotate --client-id'. Otherwise move the recovery key away and try again; keep it if a client was ever registered with it.`,
      { cause },
    )
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
