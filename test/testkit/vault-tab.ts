import type { BrowserContext, Locator, Page } from 'playwright-core'

/** What opens a vault. */
export interface VaultKeyring {
  readonly file: string
  readonly passphrase: string
}

/** One tab with the vault in it, driven as its user does. What the console complains of goes to `complaints`. */
export class VaultTab {
  readonly page: Page
  readonly #url: string

  private constructor(page: Page, url: string) {
    this.page = page
    this.#url = url
  }

  /** @param url - of the gateway. */
  static async in(profile: BrowserContext, url: string, complaints: string[]): Promise<VaultTab> {
    const page = await profile.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    return new VaultTab(page, new URL('/vault/', url).href)
  }

  async visit(): Promise<void> {
    await this.page.goto(this.#url)
    await this.page.getByRole('heading', { level: 1, name: 'Open your vault' }).waitFor()
  }

  /** Chooses the keyring and tries its passphrase. */
  async enter({ file, passphrase }: VaultKeyring): Promise<void> {
    await this.page.locator('input[type=file]').setInputFiles(file)
    await this.unlock(passphrase)
  }

  async unlock(passphrase: string): Promise<void> {
    await this.page.getByLabel('Passphrase', { exact: true }).fill(passphrase)
    await this.page.getByRole('button', { name: 'Open the vault' }).click()
  }

  async open(keyring: VaultKeyring): Promise<void> {
    await this.visit()
    await this.enter(keyring)
    await this.page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
  }

  /** The row of a file in the list. */
  row(name: string): Locator {
    return this.page
      .getByRole('table', { name: /Your files/ })
      .getByRole('row')
      .filter({ hasText: name })
  }

  /** Goes to a file's own page, from wherever it is. */
  async show(name: string): Promise<void> {
    await this.list()
    await this.row(name).getByRole('link', { name }).click()
    await this.page.getByRole('heading', { level: 1, name }).waitFor()
  }

  async list(): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: 'Files' }).click()
    await this.page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
  }

  /** An upload among those under way. */
  upload(name: string): Locator {
    return this.page
      .getByRole('list', { name: 'Files on their way' })
      .getByRole('listitem')
      .filter({ hasText: name })
  }
}
