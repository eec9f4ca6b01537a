import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ScryptCost } from '@orlop/crypto/kdf'
import { generateSecretKey } from '@orlop/crypto/sign'
import { OrlopError } from '@orlop/protocol/errors'
import { writeFileAtomically } from '../home/write-file-atomically.ts'
import { decodeKeyringFile, encodeKeyringFile, type KeyringSecrets } from './keyring-file-format.ts'
import type { CreatedKeyring } from './keyring.ts'
import { freshSecrets, SeedKeyring } from './seed-keyring.ts'

const OWNER_ONLY = 0o600

/** Where a keyring file is and what opens it. */
export interface FileKeyringOptions {
  /** Path of the file. */
  readonly file: string
  readonly passphrase: string
  /** Cost of the passphrase for new files; 128 MiB of memory when left out. */
  readonly cost?: ScryptCost
}

/** What makes a new keyring file. */
export interface CreateKeyringOptions extends FileKeyringOptions {
  /** secp256k1, 32 bytes: the recovery key to go with it; a fresh one when left out. Read, not kept. */
  readonly recoverySecretKey?: Uint8Array
}

/** A new keyring file, and its recovery key. */
export interface CreatedFileKeyring extends CreatedKeyring {
  readonly keyring: FileKeyring
}

/** A keyring in one encrypted file that only its owner may read. */
export class FileKeyring extends SeedKeyring {
  readonly #options: FileKeyringOptions

  private constructor(options: FileKeyringOptions, secrets: KeyringSecrets) {
    super(secrets)
    this.#options = options
  }

  /**
   * Makes a new keyring file with a fresh seed. The caller keeps the recovery key; `createFileKeyring` does so in a file.
   *
   * @throws OrlopError `ALREADY_EXISTS` when the file is there: keys are never overwritten.
   */
  static async create({
    recoverySecretKey = generateSecretKey(),
    ...options
  }: CreateKeyringOptions): Promise<CreatedFileKeyring> {
    const secrets = freshSecrets(recoverySecretKey)
    await mkdir(dirname(options.file), { recursive: true, mode: 0o700 })
    await save(options, secrets, false).catch((cause: unknown) => {
      throw isExisting(cause) ? keyringExists(options.file, cause) : cause
    })
    return { keyring: new FileKeyring(options, secrets), recoverySecretKey }
  }

  /**
   * Opens a keyring file.
   *
   * @throws OrlopError `KEYRING_NOT_FOUND`, `KEYRING_LOCKED` (wrong passphrase), `KEYRING_DAMAGED`.
   */
  static async open(options: FileKeyringOptions): Promise<FileKeyring> {
    let text: string
    try {
      text = await readFile(options.file, 'utf8')
    } catch (cause) {
      throw new OrlopError(
        'KEYRING_NOT_FOUND',
        `There is no readable keyring at ${options.file}. Make one, or say where yours is with --home.`,
        { cause },
      )
    }
    const secrets = await decodeKeyringFile(text, options.passphrase, options.file)
    return new FileKeyring(options, secrets)
  }

  protected override save(secrets: KeyringSecrets): Promise<void> {
    return save(this.#options, secrets, true)
  }
}

async function save(
  { file, passphrase, cost }: FileKeyringOptions,
  secrets: KeyringSecrets,
  overwrite: boolean,
): Promise<void> {
  const text = await encodeKeyringFile(secrets, passphrase, cost)
  await writeFileAtomically(file, text, { mode: OWNER_ONLY, overwrite })
}

/** A keyring is never overwritten: its keys may be all that opens somebody's objects. */
export function keyringExists(file: string, cause?: unknown): OrlopError {
  return new OrlopError(
    'ALREADY_EXISTS',
    `The keyring ${file} exists already. Open it with its passphrase, or give another file name.`,
    { cause },
  )
}

/** Whether the file system refused to replace a file. */
export function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST'
}
