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

  /**
   * Hears of what is done; call it each time the replica is unsealed.
   *
   * @param after - number of the log's last entry before the replica had its keys (`lastAuditNumber`): who sealed the centre since then
   *   means this replica too.
   */
  async start(after: number): Promise<void> {
    const { store, seal } = this.#centre
    await this.stop()
    this.#follower = new AuditFollower({
      store,
      after,
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
