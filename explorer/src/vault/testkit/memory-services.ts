import { MemoryKeyring } from '@orlop/client-sdk/browser'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import type { SavedFile } from '../client/file-saver.ts'
import type { KeyringText, VaultServices } from '../client/vault-services.ts'
import { namedBytes } from './sample-entries.ts'
import type { MemoryVaultClient } from './memory-vault-client.ts'

const ADDRESS = `0x${'0f'.repeat(20)}`
export const RECOVERY_ADDRESS = '0x9D46a3b7E1f2083c5d6E7A8b9C0d1e2F3a4B5c6D'

/** A keyring that notes when its keys were wiped. */
export class NotedKeyring extends MemoryKeyring {
  isDisposed = false

  override dispose(): void {
    this.isDisposed = true
    super.dispose()
  }
}

/** Services without a browser or a network. @param passphrase - the one that opens keyrings. */
export class MemoryServices implements VaultServices {
  readonly clock: Clock
  readonly keyrings: NotedKeyring[] = []
  readonly saved: { name: string; bytes: Uint8Array }[] = []
  readonly forgotten: string[] = []
  remembered: KeyringText | null = null
  /** What opening a keyring waits for: the derivation of its key. */
  derivation: Promise<unknown> = Promise.resolve()
  clientFailure: OrlopError | null = null
  readonly #client: MemoryVaultClient
  readonly #passphrase: string

  constructor(options: { client: MemoryVaultClient; clock: Clock; passphrase: string }) {
    this.clock = options.clock
    this.#client = options.client
    this.#passphrase = options.passphrase
  }

  readonly shelf = {
    read: () => this.remembered,
    write: (keyring: KeyringText) => {
      this.remembered = keyring
    },
    clear: () => {
      this.remembered = null
    },
  }

  readonly saver = {
    save: async ({ name, stream }: SavedFile) => {
      const parts = await Array.fromAsync(stream())
      this.saved.push({ name, bytes: new Uint8Array(parts.flatMap((part) => [...part])) })
      return true
    },
  }

  readConfig = () =>
    Promise.resolve({
      gateway: 'https://gateway.example',
      deployment: {
        chainId: 4205,
        registry: ADDRESS,
        receipts: ADDRESS,
        credit: ADDRESS,
        fromBlock: 0,
      },
      rpcUrl: 'https://gateway.example/rpc',
      isPinned: false,
    })

  openKeyring = async (_: KeyringText, passphrase: string) => {
    await this.derivation
    if (passphrase === this.#passphrase) return this.#keyring()
    throw new OrlopError('KEYRING_LOCKED', 'The keyring does not open with this passphrase.')
  }

  makeKeyring = async () => {
    await this.derivation
    const recoveryKey = `orlop-recovery:${'k7q2m4xw'.repeat(7)}`
    return { keyring: this.#keyring(), text: '{"format":"orlop-keyring"}', recoveryKey }
  }

  makeClient = () => {
    if (this.clientFailure !== null) return Promise.reject(this.clientFailure)
    return Promise.resolve(this.#client)
  }

  forgetHome = (recoveryAddress: string) => {
    this.forgotten.push(recoveryAddress)
    return Promise.resolve()
  }

  #keyring(): NotedKeyring {
    const keyring = new NotedKeyring([namedBytes('seed')], RECOVERY_ADDRESS)
    this.keyrings.push(keyring)
    return keyring
  }
}
