import type { WireBytes } from '@orlop/transport/transport'

/** One piece of work whose share of the wire is measured. */
export interface WireShare {
  /** Counts frame bytes this work sent. */
  sent(bytes: number): void
  /** What the work has cost so far, in whole bytes. */
  total(): WireBytes
  /** Ends the measuring; `total` then stands still. */
  end(): void
}

interface Share extends WireShare {
  payloadBytes: number
  sentBytes: number
  receivedBytes: number
}

/**
 * Splits the bytes counted at the socket among the works that caused them: each gets what it sent itself, and of everything else
 * (handshakes, framing, answers) a part in proportion to it. While one work is measured it gets all.
 */
export class WireMeter {
  readonly #read: () => WireBytes
  readonly #active = new Set<Share>()
  #last: WireBytes

  /** @param read - gives the transport's counts, which only grow. */
  constructor(read: () => WireBytes) {
    this.#read = read
    this.#last = { ...read() }
  }

  /** Begins to measure a piece of work. */
  begin(): WireShare {
    this.#settle()
    const share: Share = {
      payloadBytes: 0,
      sentBytes: 0,
      receivedBytes: 0,
      sent(bytes) {
        share.payloadBytes += bytes
      },
      total: () => {
        if (this.#active.has(share)) this.#settle()
        const { sentBytes, receivedBytes } = share
        return { sentBytes: Math.round(sentBytes), receivedBytes: Math.round(receivedBytes) }
      },
      end: () => {
        this.#settle()
        this.#active.delete(share)
      },
    }
    this.#active.add(share)
    return share
  }

  #settle(): void {
    const now = { ...this.#read() }
    const sentBytes = now.sentBytes - this.#last.sentBytes
    const receivedBytes = now.receivedBytes - this.#last.receivedBytes
    this.#last = now
    const shares = [...this.#active]
    const payloadBytes = shares.reduce((sum, share) => sum + share.payloadBytes, 0)
    for (const share of shares) {
      const part = payloadBytes === 0 ? 1 / shares.length : share.payloadBytes / payloadBytes
      share.sentBytes += sentBytes * part
      share.receivedBytes += receivedBytes * part
      share.payloadBytes = 0
    }
  }
}
