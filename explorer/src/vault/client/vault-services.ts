import type { Keyring } from '@orlop/client-sdk/browser'
import type { Clock } from '@orlop/protocol/clock'
import type { VaultConfig } from '../config/vault-config.ts'
import type { FileSaver } from './file-saver.ts'
import type { VaultClient } from './vault-client.ts'

/** A keyring that was just made, not used yet. */
export interface MadeKeyring {
  readonly keyring: Keyring
  /** Content of its file, encrypted. */
  readonly text: string
  /** As its owner writes it down. */
  readonly recoveryKey: string
}

/** An encrypted keyring, as its file has it. */
export interface KeyringText {
  readonly text: string
  /** Name of the file it came from. */
  readonly label: string
}

/** Where this browser keeps a keyring that its owner asked it to remember. */
export interface KeyringShelf {
  /** Null where nothing is remembered. */
  read(): KeyringText | null
  write(keyring: KeyringText): void
  clear(): void
}

/** What the vault needs from outside of its pages; tests give others. */
export interface VaultServices {
  readonly clock: Clock
  readonly shelf: KeyringShelf
  readonly saver: FileSaver
  /** @throws OrlopError as `readVaultConfig`. */
  readConfig(): Promise<VaultConfig>
  /** @throws OrlopError `KEYRING_LOCKED`, `KEYRING_DAMAGED`. */
  openKeyring(keyring: KeyringText, passphrase: string): Promise<Keyring>
  makeKeyring(passphrase: string): Promise<MadeKeyring>
  /** @throws OrlopError `HOME_LOCKED` when another tab has the vault of this keyring open. */
  makeClient(keyring: Keyring, config: VaultConfig): Promise<VaultClient>
  /** Deletes what this browser keeps of a client. @throws OrlopError `HOME_LOCKED` while it is open. */
  forgetHome(recoveryAddress: string): Promise<void>
}
