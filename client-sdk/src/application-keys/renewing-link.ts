import { X509Certificate } from 'node:crypto'
import {
  CentreLink,
  type CentreLinkOptions,
  type CentreReply,
  type CentreRequest,
} from '@orlop/protocol/centre/centre-link'
import type { Identity } from '@orlop/protocol/centre/identity'
import { issuedJson, renewalPath } from '@orlop/protocol/centre/renewal'
import type { Clock } from '@orlop/protocol/clock'

/** A renewal that failed is tried again after so long. */
const RETRY_MS = 60 * 60 * 1000

export interface RenewingLinkOptions extends CentreLinkOptions {
  readonly clock: Clock
  /** Keeps the renewed identity, before it is used; null renews nothing. */
  readonly onRenewed: ((identity: Identity) => Promise<void>) | null
}

/**
 * Connections to a key management centre with a certificate that is renewed in the last third of its life, for the same key, without
 * anybody having to think of it. While that fails, the old one is used as long as it is good.
 */
export class RenewingLink {
  readonly #options: RenewingLinkOptions
  readonly #links: CentreLink[]
  #identity: Identity
  #renewal: Promise<void> | null = null
  #triedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: RenewingLinkOptions) {
    this.#options = options
    this.#identity = options.identity
    this.#links = [new CentreLink(options)]
  }

  /** @throws CentreLinkError; the signal's reason when it is aborted */
  async send(request: CentreRequest): Promise<CentreReply> {
    if (this.#renewal === null && this.#isDue()) {
      this.#renewal = this.#renew().finally(() => (this.#renewal = null))
    }
    await this.#renewal
    return this.#link.send(request)
  }

  /** Closes connections that are kept open. */
  close(): void {
    for (const link of this.#links) link.close()
  }

  get #link(): CentreLink {
    return this.#links.at(-1) as CentreLink
  }

  #isDue(): boolean {
    const { clock, onRenewed } = this.#options
    const nowMs = clock.nowMs()
    if (onRenewed === null || nowMs - this.#triedAtMs < RETRY_MS) return false
    const { validFrom, validTo } = new X509Certificate(this.#identity.certificate)
    const endMs = Date.parse(validTo)
    return nowMs > endMs - (endMs - Date.parse(validFrom)) / 3
  }

  async #renew(): Promise<void> {
    const { clock, onRenewed, url } = this.#options
    this.#triedAtMs = clock.nowMs()
    try {
      const serial = new X509Certificate(this.#identity.certificate).serialNumber.toLowerCase()
      const path = renewalPath(serial)
      const { status, text } = await this.#link.send({ method: 'post', path, body: '{}' })
      if (status !== 200) return
      const { certificate, authority } = issuedJson.parse(JSON.parse(text))
      const identity = { privateKey: this.#identity.privateKey, certificate, authority }
      await onRenewed?.(identity)
      this.#identity = identity
      // Requests under way go on over the connections before.
      this.#links.push(new CentreLink({ url, identity }))
    } catch {
      // Not now: what the certificate is needed for says by itself when it is good no more.
    }
  }
}
