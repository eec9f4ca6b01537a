import { X509Certificate } from 'node:crypto'
import { type StatsListener, unwatchFile, watchFile } from 'node:fs'
import { readIdentity } from '@orlop/protocol/centre/identity'
import type { Logger } from '@orlop/protocol/logger'

/** The file is looked at so often. */
const LOOK_MS = 10_000

/** What TLS needs, in PEM. */
export interface TlsSecrets {
  readonly key: string
  readonly cert: string
}

/** The certificate that a gateway serves with: read again when its file is replaced, so that a renewed one needs no restart. */
export class TlsIdentity {
  readonly #path: string
  readonly #look: StatsListener
  #secrets: TlsSecrets
  #replaced: (secrets: TlsSecrets) => void = () => undefined

  private constructor(path: string, secrets: TlsSecrets, look: (self: TlsIdentity) => void) {
    this.#path = path
    this.#secrets = secrets
    this.#look = () => {
      look(this)
    }
  }

  /**
   * Reads an identity and begins to watch its file.
   *
   * @param path - private key, its certificate and that of the authority, in PEM.
   * @param lookMs - how often the file is looked at; 10 seconds unless given.
   * @throws OrlopError `CONFIG_INVALID` when it cannot be read. One that cannot be read later is logged, and the one before used on.
   */
  static async open(path: string, logger: Logger, lookMs = LOOK_MS): Promise<TlsIdentity> {
    const opened = new TlsIdentity(path, await readSecrets(path), (self) => {
      void self.#readAgain(logger)
    })
    watchFile(path, { interval: lookMs, persistent: false }, opened.#look)
    return opened
  }

  get secrets(): TlsSecrets {
    return this.#secrets
  }

  /** Calls with every certificate that replaces the one before. */
  onReplaced(listener: (secrets: TlsSecrets) => void): void {
    this.#replaced = listener
  }

  /** Looks at the file no more. */
  stop(): void {
    unwatchFile(this.#path, this.#look)
  }

  async #readAgain(logger: Logger): Promise<void> {
    try {
      const secrets = await readSecrets(this.#path)
      if (secrets.cert === this.#secrets.cert) return
      this.#secrets = secrets
      this.#replaced(secrets)
      const { validTo } = new X509Certificate(secrets.cert)
      logger.info({ validTo }, 'the gateway serves with a new certificate')
    } catch (error) {
      const reason = error instanceof Error ? error.message : ''
      logger.warn({ reason }, 'the new certificate cannot be read; the one before is used on')
    }
  }
}

async function readSecrets(path: string): Promise<TlsSecrets> {
  const { privateKey, certificate } = await readIdentity(path)
  return { key: privateKey, cert: certificate }
}
