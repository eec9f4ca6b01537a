import { z } from 'zod'
import type { KeyringShelf, KeyringText } from './vault-services.ts'

const KEY = 'orlop.vault.keyring'

const kept = z.strictObject({ text: z.string().max(256 * 1024), label: z.string().max(1024) })

/** Remembers an encrypted keyring in the browser's storage of this origin, where the browser allows it. */
export class BrowserShelf implements KeyringShelf {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
    this.#storage = storage
  }

  read(): KeyringText | null {
    try {
      return kept.parse(JSON.parse(this.#storage.getItem(KEY) ?? 'null'))
    } catch {
      return null
    }
  }

  write({ text, label }: KeyringText): void {
    this.#storage.setItem(KEY, JSON.stringify({ text, label }))
  }

  clear(): void {
    this.#storage.removeItem(KEY)
  }
}
