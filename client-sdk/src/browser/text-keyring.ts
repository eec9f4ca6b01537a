import type { ScryptCost } from '@orlop/crypto/kdf'
import { generateSecretKey } from '@orlop/crypto/sign'
import {
  decodeKeyringFile,
  encodeKeyringFile,
  type KeyringSecrets,
} from '../keyring/keyring-file-format.ts'
import type { CreatedKeyring } from '../keyring/keyring.ts'
import { freshSecrets, SeedKeyring } from '../keyring/seed-keyring.ts'

/** Where the text of a keyring is kept, and what opens it. */
export interface TextKeyringOptions {
  readonly passphrase: string
  /** Keeps the keyring's new text, durably when it resolves: writes it to a file, or has the user save it. */
  readonly save: (text: string) => Promise<void>
  /** What the text is called in messages, such as the name of its file. */
  readonly label?: string
  /** Cost of the passphrase for new texts; 128 MiB of memory when left out. */
  readonly cost?: ScryptCost
}

/** A new keyring, and its recovery key. */
export interface CreatedTextKeyring extends CreatedKeyring {
  readonly keyring: TextKeyring
}

/** A keyring whose text, the content of a keyring file, is kept by the application: a page has no files of its own. */
export class TextKeyring extends SeedKeyring {
  readonly #options: TextKeyringOptions

  private constructor(options: TextKeyringOptions, secrets: KeyringSecrets) {
    super(secrets)
    this.#options = options
  }

  /** Makes a keyring with a fresh seed and saves it. The caller keeps the recovery key. */
  static async create(options: TextKeyringOptions): Promise<CreatedTextKeyring> {
    const recoverySecretKey = generateSecretKey()
    const secrets = freshSecrets(recoverySecretKey)
    await save(options, secrets)
    return { keyring: new TextKeyring(options, secrets), recoverySecretKey }
  }

  /**
   * Opens the text of a keyring file.
   *
   * @throws OrlopError `KEYRING_LOCKED` (wrong passphrase), `KEYRING_DAMAGED`.
   */
  static async open(options: TextKeyringOptions & { readonly text: string }): Promise<TextKeyring> {
    const { text, passphrase, label = 'that was opened' } = options
    return new TextKeyring(options, await decodeKeyringFile(text, passphrase, label))
  }

  protected override save(secrets: KeyringSecrets): Promise<void> {
    return save(this.#options, secrets)
  }
}

async function save(options: TextKeyringOptions, secrets: KeyringSecrets): Promise<void> {
  const { passphrase, cost } = options
  await options.save(await encodeKeyringFile(secrets, passphrase, cost))
}
