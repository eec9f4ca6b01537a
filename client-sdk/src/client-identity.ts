import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { LedgerReader } from '@orlop/protocol/ledger'
import type { ClientRecord } from '@orlop/protocol/ledger-records'
import {
  signMessage,
  type Fields,
  type MessageOf,
  type MessageType,
  type Signed,
} from '@orlop/protocol/typed-message'
import type { HelloSelf } from '@orlop/transport/hello'
import type { RegistryCache } from './home/registry-cache.ts'
import type { KeySet } from './keyring/key-set.ts'
import type { Keyring } from './keyring/keyring.ts'

export interface ClientIdentityDependencies {
  readonly keyring: Keyring
  readonly deployment: Deployment
  readonly cache: RegistryCache
}

/** Who this client is on the ledger: which of its keys signs now, and its record there. A guest until it is registered. */
export class ClientIdentity {
  readonly keyring: Keyring
  readonly #deployment: Deployment
  readonly #cache: RegistryCache
  #record: ClientRecord | null = null

  constructor(dependencies: ClientIdentityDependencies) {
    this.keyring = dependencies.keyring
    this.#deployment = dependencies.deployment
    this.#cache = dependencies.cache
  }

  /** The client's record on the ledger as last seen; null for a guest. */
  get record(): ClientRecord | null {
    return this.#record
  }

  /** @throws OrlopError `NOT_ADMITTED` for a guest. */
  get clientId(): number {
    if (this.#record !== null) return this.#record.clientId
    throw new OrlopError(
      'NOT_ADMITTED',
      'This client is not registered on the ledger. Register it first, and have the steward admit it.',
    )
  }

  /** The keys that sign now: those the ledger knows, or the newest before registration. */
  get keySet(): KeySet {
    const signer = this.#record?.signer.toLowerCase()
    const { keySets } = this.keyring
    const known = keySets.find(({ address }) => address.toLowerCase() === signer) ?? keySets[0]
    if (known === undefined) throw new RangeError('keyring: expected at least one key set')
    return known
  }

  /** Every address this client ever signed with. */
  isOwnAddress(address: string): boolean {
    const wanted = address.toLowerCase()
    return this.keyring.keySets.some((keySet) => keySet.address.toLowerCase() === wanted)
  }

  /** What the transport shows in every hello. */
  helloSelf(): HelloSelf {
    return {
      role: this.#record === null ? 'guest' : 'client',
      id: this.#record?.clientId ?? 0,
      signingKey: this.keySet.ledgerSecretKey,
      deployment: this.#deployment,
    }
  }

  /** Takes what an earlier run saw. */
  async load(): Promise<void> {
    const record = await this.#cache.self()
    if (record !== null && this.isOwnAddress(record.signer)) this.#record = record
  }

  /**
   * Asks the ledger for this client's record, under each of its keys, newest first.
   *
   * @returns false when the ledger does not know the client. Keeps what is known when the ledger is away and something is known.
   */
  async refresh(
    ledger: LedgerReader,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<boolean> {
    try {
      for (const { address } of this.keyring.keySets) {
        const record = await ledger.clientBySigner(address, options)
        if (record === null) continue
        this.#record = record
        await this.#cache.putSelf(record)
        return true
      }
    } catch (error) {
      if (!isOrlopError(error, 'LEDGER_UNREACHABLE') || this.#record === null) throw error
      return true
    }
    this.#record = null
    return false
  }

  /** Signs a message with the client's ledger key. */
  sign<F extends Fields>(type: MessageType<F>, message: MessageOf<F>): Signed<MessageOf<F>> {
    return signMessage(type, this.#deployment, message, this.keySet.ledgerSecretKey)
  }
}
