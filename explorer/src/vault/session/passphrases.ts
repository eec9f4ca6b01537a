/** Passphrases of objects that others shared by one, as long as the vault is open. */
export class Passphrases {
  readonly #known = new Map<string, string>()

  get(ownerId: number, objectId: string): string | undefined {
    return this.#known.get(`${ownerId}/${objectId}`)
  }

  set(ownerId: number, objectId: string, passphrase: string): void {
    this.#known.set(`${ownerId}/${objectId}`, passphrase)
  }

  clear(): void {
    this.#known.clear()
  }
}
