import { setImmediate } from 'node:timers/promises'

import type { CardHash } from '../card.ts'
import type { CardHashName } from '../algorithms.ts'
import { holdMemory } from '../hold-memory.ts'
import type { SessionLease } from '../session-pool.ts'
import type { CkHandle, Cryptoki } from './cryptoki.ts'
import { asBuffer } from './mechanisms.ts'
import { explainFailure } from './return-codes.ts'
import { attempt } from './token.ts'

const DIGEST_BYTES: Readonly<Record<CardHashName, number>> = {
  sm3: 32,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}
/** The binding has no asynchronous C_DigestUpdate: others are served between slices of this length. */
const SLICE_BYTES = 64 * 1024

/** A hash in a session of a token. */
export class TokenHash implements CardHash {
  readonly #card: string
  readonly #cryptoki: Cryptoki
  readonly #lease: SessionLease<CkHandle>
  readonly #algorithm: CardHashName

  constructor(parts: {
    readonly card: string
    readonly cryptoki: Cryptoki
    readonly lease: SessionLease<CkHandle>
    readonly algorithm: CardHashName
  }) {
    this.#card = parts.card
    this.#cryptoki = parts.cryptoki
    this.#lease = parts.lease
    this.#algorithm = parts.algorithm
  }

  async update(data: Uint8Array): Promise<void> {
    const { session } = this.#lease
    for (let start = 0; start < data.length; start += SLICE_BYTES) {
      if (start > 0) await setImmediate()
      const slice = asBuffer(data.subarray(start, start + SLICE_BYTES))
      attempt(this.#card, 'C_DigestUpdate', () => this.#cryptoki.C_DigestUpdate(session, slice))
    }
  }

  async digest(): Promise<Uint8Array<ArrayBuffer>> {
    const into = Buffer.alloc(DIGEST_BYTES[this.#algorithm])
    try {
      const digest = await holdMemory([into], () =>
        this.#cryptoki.C_DigestFinalAsync(this.#lease.session, into),
      )
      this.#lease.release(true)
      return Uint8Array.from(digest)
    } catch (error) {
      this.#lease.release(false)
      throw explainFailure(this.#card, 'C_DigestFinal', error)
    }
  }

  dispose(): Promise<void> {
    // The operation is still active in this session: only closing it ends that (v2.40 has no cancelling).
    this.#lease.release(false)
    return Promise.resolve()
  }
}
