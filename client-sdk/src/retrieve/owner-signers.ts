import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'

/** Whose signature it is: one that holds, one that its owner has replaced, or nobody's who owns the object. */
export type SignerStanding = 'present' | 'former' | 'stranger'

/**
 * Tells whether an address signs, or signed, for the owner of an object. The ledger is asked when it has to be, and once: for keys that
 * were replaced only where the present one does not fit.
 */
export class OwnerSigners {
  readonly #context: ClientContext
  readonly #ownerId: number
  readonly #options: ActionOptions
  #present: Promise<string | null> | null = null
  #former: Promise<string[]> | null = null

  constructor(context: ClientContext, ownerId: number, options: ActionOptions) {
    this.#context = context
    this.#ownerId = ownerId
    this.#options = options
  }

  /** @param address - 0x and 40 hexadecimal digits. @throws OrlopError `LEDGER_UNREACHABLE`. */
  async standingOf(address: string): Promise<SignerStanding> {
    const { identity, ledger } = this.#context
    const isOwn = this.#ownerId === identity.record?.clientId
    // Every key in one's own keyring is one's own, whatever the ledger says.
    if (isOwn && identity.isOwnAddress(address)) return 'present'
    const options = signalOf(this.#options)
    if (!isOwn) {
      this.#present ??= ledger.client(this.#ownerId, options).then((owner) => owner?.signer ?? null)
      const present = await this.#present
      if (present !== null && isSame(present, address)) return 'present'
    }
    this.#former ??= ledger.formerSigners(this.#ownerId, options)
    return (await this.#former).some((former) => isSame(former, address)) ? 'former' : 'stranger'
  }
}

function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
