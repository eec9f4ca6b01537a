import { z } from 'zod'
import type { KeyringShelf, KeyringText } from './vault-services.ts'

const KEY = 'orlop.vault.keyring'

const kept = z.strictObject({ text: z.string().max(256 * 1024), label: z.string().max(1024) })

type KeyStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** Remembers an encrypted keyring in the browser's storage of this origin; one that stores nothing for the page remembers nothing. */
export class BrowserShelf implements KeyringShelf {
  readonly #storage: () => KeyStorage

  /** @param storage - asked for each time: some browsers refuse it to the page. */
  constructor(storage: () => KeyStorage) {
    this.#storage = storage
  }

  read(): KeyringText | null {
    try {
      return kept.parse(JSON.parse(this.#storage().getItem(KEY) ?? 'null'))
    } catch {
      return null
    }
  }

  write({ text, label }: KeyringText): void {
    this.#try((storage) => storage.setItem(KEY, JSON.stringify({ text, label })))
  }

  clear(): void {
    this.#try((storage) => storage.removeItem(KEY))
  }

  #try(change: (storage: KeyStorage) => void): void {
    try {
      change(this.#storage())
    } catch {
      // The account's page says what is remembered, and what is not.
    }
  }
}
