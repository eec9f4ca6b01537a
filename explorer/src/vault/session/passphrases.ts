/** Passphrases of objects that others shared by one, as long as the vault is open. */
export class Passphrases {
  readonly #known = new Map<string, string>()
  readonly #listeners = new Set<() => void>()

  /** @returns what ends the listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get(ownerId: number, objectId: string): string | undefined {
    return this.#known.get(`${ownerId}/${objectId}`)
  }

  set(ownerId: number, objectId: string, passphrase: string): void {
    this.#known.set(`${ownerId}/${objectId}`, passphrase)
    for (const listener of this.#listeners) listener()
  }

  clear(): void {
    this.#known.clear()
  }
}
