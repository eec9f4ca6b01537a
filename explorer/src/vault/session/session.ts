import type { Keyring } from '@orlop/client-sdk/browser'
import { isOrlopError } from '@orlop/protocol/errors'
import type { ClientRecord } from '@orlop/protocol/ledger-records'
import type { KeyringText, MadeKeyring, VaultServices } from '../client/vault-services.ts'
import type { VaultClient } from '../client/vault-client.ts'
import type { VaultConfig } from '../config/vault-config.ts'
import { UploadQueue } from '../upload/upload-queue.ts'
import { Passphrases } from './passphrases.ts'

/** What is open: who it belongs to and what it works with. */
export interface OpenVault {
  readonly client: VaultClient
  readonly record: ClientRecord
  readonly config: VaultConfig
  readonly keyring: KeyringText
  readonly recoveryAddress: string
  readonly uploads: UploadQueue
  readonly passphrases: Passphrases
}

/**
 * How far the vault is open. `made`: a new keyring waits for its owner to save it. `unregistered`: the ledger does not know the client.
 * `waiting`: the steward has not admitted it yet.
 */
export type SessionState =
  | {
      readonly kind: 'closed'
      readonly why: 'start' | 'locked' | 'idle' | 'forgotten'
      readonly error?: unknown
    }
  | { readonly kind: 'opening'; readonly step: 'keyring' | 'home' | 'ledger' }
  | { readonly kind: 'making' }
  | { readonly kind: 'made'; readonly made: MadeKeyring; readonly label: string }
  | { readonly kind: 'unregistered' }
  | { readonly kind: 'waiting'; readonly record: ClientRecord }
  | { readonly kind: 'open'; readonly vault: OpenVault }

/** What must be given back when the vault closes. */
interface Held {
  readonly keyring: Keyring
  readonly text: KeyringText
  readonly client: VaultClient | null
  readonly config: VaultConfig | null
}

/** The vault's keys and client, from opening a keyring to locking it. One step at a time; locking goes before everything. */
export class Session {
  readonly #services: VaultServices
  readonly #listeners = new Set<() => void>()
  #state: SessionState = { kind: 'closed', why: 'start' }
  #held: Held | null = null
  #holds = 0
  /** Counts sessions: what was begun in an earlier one ends without effect. */
  #turn = 0

  constructor(services: VaultServices) {
    this.#services = services
  }

  get state(): SessionState {
    return this.#state
  }

  /** Whether something goes on that its owner would not want to be cut off. */
  get isBusy(): boolean {
    return this.#holds > 0 || (this.#state.kind === 'open' && this.#state.vault.uploads.isMoving)
  }

  /** Says that something goes on. @returns what says that it is over. */
  hold(): () => void {
    this.#holds++
    let isHeld = true
    return () => {
      if (isHeld) this.#holds--
      isHeld = false
    }
  }

  /** @returns what ends the listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /**
   * Opens a keyring and the vault with it.
   *
   * @throws OrlopError `KEYRING_LOCKED`, `KEYRING_DAMAGED`, `HOME_LOCKED`, `CONFIG_INVALID`, and as `VaultClient.refresh` where nothing is
   *   known of the client yet. The vault is closed then.
   */
  async open(text: KeyringText, options: { passphrase: string; remember: boolean }): Promise<void> {
    const turn = this.#begin({ kind: 'opening', step: 'keyring' })
    await this.#guard(turn, async () => {
      const keyring = await this.#services.openKeyring(text, options.passphrase)
      if (!this.#take(turn, { keyring, text, client: null, config: null })) return
      await this.#connect(turn, (step) => this.#show({ kind: 'opening', step }))
      if (options.remember && turn === this.#turn) this.#services.shelf.write(text)
    })
  }

  /** Makes a keyring, which then waits for its owner to save it. @param label - name of its file. */
  async make(passphrase: string, label: string): Promise<void> {
    const turn = this.#begin({ kind: 'making' })
    await this.#guard(turn, async () => {
      const made = await this.#services.makeKeyring(passphrase)
      const text = { text: made.text, label }
      if (!this.#take(turn, { keyring: made.keyring, text, client: null, config: null })) return
      this.#show({ kind: 'made', made, label })
    })
  }

  /**
   * The owner has saved the new keyring and its recovery key: goes on with it.
   *
   * @throws as {@link open}. The new keyring is still there then.
   */
  async keep(): Promise<void> {
    const made = this.#state
    const held = this.#held
    if (made.kind !== 'made' || held === null) return
    const turn = this.#turn
    try {
      // The recovery key stays in sight until all has gone well.
      await this.#connect(turn, () => undefined)
    } catch (error) {
      if (turn !== this.#turn) return
      const client = this.#held?.client
      this.#held = held
      await client?.close({ signal: AbortSignal.abort() })
      throw error
    }
  }

  /** Puts the client on the ledger. @throws as `VaultClient.register`. */
  async register(request: { name: string; imoNumber: number }): Promise<void> {
    const turn = this.#turn
    const client = this.#held?.client
    if (client === undefined || client === null) return
    const record = await client.register(request)
    if (turn === this.#turn) this.#welcome(record)
  }

  /** Asks the ledger again whether the client is admitted. @throws as `VaultClient.refresh`. */
  async check(): Promise<void> {
    const turn = this.#turn
    const client = this.#held?.client
    if (client === undefined || client === null) return
    const record = await client.refresh()
    if (turn === this.#turn && this.#state.kind === 'waiting') this.#welcome(record)
  }

  /** Wipes the keys, ends what is under way and forgets everything that was opened. What fails is told in the state. */
  async lock(why: 'locked' | 'idle'): Promise<void> {
    this.#turn++
    const held = this.#held
    this.#held = null
    if (this.#state.kind === 'open') {
      this.#state.vault.uploads.stop()
      this.#state.vault.passphrases.clear()
    }
    this.#show({ kind: 'closed', why })
    const turn = this.#turn
    try {
      await release(held)
    } catch (error) {
      if (turn === this.#turn) this.#show({ kind: 'closed', why, error })
    }
  }

  /** Locks the vault and deletes what this browser keeps of it. What fails is told in the state. */
  async forget(): Promise<void> {
    if (this.#state.kind !== 'open') return
    const { recoveryAddress } = this.#state.vault
    // Before the way in is shown, which offers what is remembered.
    this.#services.shelf.clear()
    await this.lock('locked')
    const turn = this.#turn
    try {
      await this.#services.forgetHome(recoveryAddress)
      if (turn === this.#turn) this.#show({ kind: 'closed', why: 'forgotten' })
    } catch (error) {
      if (turn === this.#turn) this.#show({ kind: 'closed', why: 'locked', error })
    }
  }

  async #connect(turn: number, tell: (step: 'home' | 'ledger') => void): Promise<void> {
    const held = this.#held
    if (held === null) return
    tell('home')
    const config = await this.#services.readConfig()
    if (turn !== this.#turn) return
    const client = await this.#services.makeClient(held.keyring, config)
    if (!this.#take(turn, { ...held, client, config })) return
    tell('ledger')
    const record = await knownRecord(client)
    if (turn === this.#turn) this.#welcome(record)
  }

  #welcome(record: ClientRecord | null): void {
    const held = this.#held
    if (held === null || held.client === null || held.config === null) return
    const { client, config, keyring, text } = held
    if (record === null) this.#show({ kind: 'unregistered' })
    else if (record.state === 'pending') this.#show({ kind: 'waiting', record })
    else {
      const { recoveryAddress } = keyring
      const uploads = new UploadQueue(client)
      const passphrases = new Passphrases()
      const vault = { client, record, config, keyring: text, recoveryAddress, uploads, passphrases }
      this.#show({ kind: 'open', vault })
    }
  }

  #begin(state: SessionState): number {
    if (this.#held !== null) throw new TypeError('session: expected to be closed')
    this.#show(state)
    return ++this.#turn
  }

  /** Keeps what must be given back later; gives it back at once when the vault was locked meanwhile. */
  #take(turn: number, held: Held): boolean {
    if (turn === this.#turn) {
      this.#held = held
      return true
    }
    // The keys are wiped also where closing the client fails, which nobody would read of now.
    void release(held).catch(() => undefined)
    return false
  }

  /** A step that fails closes the vault, unless it was locked anyway. */
  async #guard(turn: number, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (turn !== this.#turn) return
      const held = this.#held
      this.#held = null
      this.#show({ kind: 'closed', why: 'start' })
      await release(held)
      throw error
    }
  }

  #show(state: SessionState): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

/** What the ledger says of the client, or, while it is away, what it said before. */
async function knownRecord(client: VaultClient): Promise<ClientRecord | null> {
  try {
    return await client.refresh()
  } catch (error) {
    if (isOrlopError(error) && error.isRetryable && client.record !== null) return client.record
    throw error
  }
}

/** Does not wait for a link: what was to be handed on in the background is kept in the home. */
async function release(held: Held | null): Promise<void> {
  try {
    await held?.client?.close({ signal: AbortSignal.abort() })
  } finally {
    held?.keyring.dispose()
  }
}
