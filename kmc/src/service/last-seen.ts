import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { encodeHex } from '@orlop/crypto/bytes'
import { hexBytes } from '@orlop/protocol/centre/hex-bytes'
import type { AuditHead } from '../audit/audit-entry.ts'
import { auditHead } from '../audit/audit-log.ts'
import { assertReaches } from '../audit/reaches-head.ts'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { KmcHome } from './kmc-home.ts'
import { writeDurably } from './write-durably.ts'

const schema = z.strictObject({
  centreId: hexBytes(16),
  /** Changes of rows. */
  sequence: z.int().min(0),
  audit: z.strictObject({ count: z.int().min(0), hash: hexBytes(32) }),
})

type Seen = z.output<typeof schema>

/**
 * Remembers in the home, beside the store, how far the store had come: one that is brought back to an older state while the centre is down
 * is known at the next start. Whoever brings the home back too is found by the anchors on the ledger only.
 */
export class LastSeen {
  readonly #home: KmcHome
  #seen: Seen | null

  private constructor(home: KmcHome, seen: Seen | null) {
    this.#home = home
    this.#seen = seen
  }

  /**
   * Reads what was remembered.
   *
   * @param isIgnored - begins anew: for a store that is restored, or was brought back on purpose.
   * @throws KmcError `CONFIG_INVALID` when the file is damaged
   */
  static async open(
    home: KmcHome,
    { centreId, isIgnored }: { readonly centreId: Uint8Array; readonly isIgnored: boolean },
  ): Promise<LastSeen> {
    const text = isIgnored ? null : await readFile(home.lastSeen, 'utf8').catch(() => null)
    const seen = text === null ? null : decode(home, text)
    const isOurs = seen !== null && encodeHex(seen.centreId) === encodeHex(centreId)
    return new LastSeen(home, isOurs ? seen : null)
  }

  /** Changes of rows that there were at least. */
  get sequence(): number {
    return this.#seen?.sequence ?? 0
  }

  /** @throws KmcError `STORE_ROLLED_BACK` when the store or its log do not go as far, or the log is another */
  async assertNotRolledBack(centre: Centre): Promise<void> {
    if (this.#seen !== null) await assertReaches(centre, this.#seen.audit, 'this home has seen')
  }

  /** Remembers how far the store is now, on disk when it resolves. Does nothing while the centre is sealed. */
  async note({ rows, seal }: Centre): Promise<void> {
    if (seal.status.state !== 'unsealed') return
    const sequence = await rows.sequence()
    if (sequence === this.#seen?.sequence) return
    const { count, hash }: AuditHead = await auditHead(rows)
    this.#seen = { centreId: seal.centreId, sequence, audit: { count, hash } }
    await writeDurably(this.#home.lastSeen, `${JSON.stringify(schema.encode(this.#seen))}\n`)
  }
}

function decode(home: KmcHome, text: string): Seen {
  try {
    return schema.decode(JSON.parse(text) as z.input<typeof schema>)
  } catch (cause) {
    throw new KmcError(
      'CONFIG_INVALID',
      `${home.lastSeen} is damaged: it cannot be told whether the store was brought back to an older state. Compare the audit log with its anchors (orlop kmc audit verify), then remove the file.`,
      { cause },
    )
  }
}
