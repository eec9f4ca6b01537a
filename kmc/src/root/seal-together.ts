import { auditHead } from '../audit/audit-log.ts'
import { AuditFollower } from '../audit/follow-audit.ts'
import type { Centre } from '../centre.ts'

/** The act by which an administrator seals a centre. */
export const SEAL_ACT = 'centre.seal'

/** Seals this replica when an administrator sealed the centre at another one. Each is unsealed by itself. */
export class SealTogether {
  readonly #centre: Centre
  readonly #onSealed: (actor: string) => void
  #follower: AuditFollower | null = null

  /** @param onSealed - called when it sealed, with who asked for it at the other replica. */
  constructor(centre: Centre, onSealed: (actor: string) => void) {
    this.#centre = centre
    this.#onSealed = onSealed
  }

  /** Hears of what is done from now on; call it each time the replica is unsealed. @throws KmcError as `SealedRows.get`. */
  async start(): Promise<void> {
    const { store, rows, seal } = this.#centre
    await this.stop()
    this.#follower = new AuditFollower({
      store,
      after: (await auditHead(rows)).count,
      onEntry: ({ act, actor }) => {
        if (act !== SEAL_ACT || seal.status.state === 'sealed') return
        seal.seal()
        this.#onSealed(actor)
      },
    })
  }

  async stop(): Promise<void> {
    await this.#follower?.stop()
    this.#follower = null
  }
}
