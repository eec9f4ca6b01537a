import { wipe } from '../../bytes.ts'
import { CardKeyError } from '../card-errors.ts'
import type { PinGuard } from './pin-guard.ts'
import type { SdfSession } from './session.ts'
import { NativeHandle } from './structures.ts'

/** Where a secret key comes from whenever a session needs it. */
export type KeySource =
  /** Wrapped under a key-encryption key of the device, in the device's form. */
  | { readonly from: 'kek'; readonly index: number; readonly wrapped: Uint8Array }
  /** Encrypted to a key pair of the device: an ECCCipher. */
  | { readonly from: 'pair'; readonly index: number; readonly wrapped: Uint8Array }
  /** In the clear, where the device has neither for us. */
  | { readonly from: 'memory'; readonly bytes: Uint8Array }

/** A secret key. */
export interface SdfSecret {
  readonly kind: 'secret'
  readonly source: KeySource
  /** Its handles, by session: the standard lets a handle end with its session. */
  readonly handles: Map<SdfSession, bigint>
  isDestroyed: boolean
}

/** A key pair of the device, for one of its two uses. */
export interface SdfPrivate {
  readonly kind: 'private'
  readonly use: 'sign' | 'decrypt'
  readonly index: number
  /** Of the public key, 65 bytes. */
  readonly point: Uint8Array
}

/** A key-encryption key of the device. */
export interface SdfKek {
  readonly kind: 'kek'
  readonly index: number
}

export type SdfKey = SdfSecret | SdfPrivate | SdfKek

/** Devices have room for few keys: a session that holds so many gives up the one it used least recently. */
const MAX_KEYS_PER_SESSION = 32

/** Secret keys, brought into each session that needs them and removed from all when they are destroyed. */
export class KeyStore {
  readonly #card: string
  readonly #pins: PinGuard
  readonly #kekNumber: number
  readonly #secrets = new Set<SdfSecret>()
  /** The keys of each session, the least recently used first. */
  readonly #loaded = new Map<SdfSession, Set<SdfSecret>>()

  /** @param kekNumber - what the device's key-encryption keys encrypt with */
  constructor(card: string, pins: PinGuard, kekNumber: number) {
    this.#card = card
    this.#pins = pins
    this.#kekNumber = kekNumber
  }

  /** Keeps a key, which a session may hold already. */
  async keep(source: KeySource, at?: { session: SdfSession; handle: bigint }): Promise<SdfSecret> {
    const secret: SdfSecret = { kind: 'secret', source, handles: new Map(), isDestroyed: false }
    this.#secrets.add(secret)
    if (at !== undefined) await this.#note(at.session, secret, at.handle)
    return secret
  }

  /**
   * The key's handle in a session, which the caller has for itself.
   *
   * @throws CardKeyError when the key was destroyed, or is damaged
   */
  async handleIn(session: SdfSession, secret: SdfSecret): Promise<bigint> {
    if (secret.isDestroyed) throw this.#destroyed()
    const known = secret.handles.get(session)
    if (known !== undefined) {
      const loaded = this.#loaded.get(session)
      loaded?.delete(secret)
      loaded?.add(secret)
      return known
    }
    const handle = await this.#bring(session, secret.source)
    await this.#note(session, secret, handle)
    return handle
  }

  /** Removes a key from every session, after the calls under way there. */
  async destroy(secret: SdfSecret): Promise<void> {
    this.#forget(secret)
    const sessions = [...secret.handles.keys()]
    await Promise.all(
      sessions.map((session) => session.exclusive(() => this.#unload(session, secret))),
    )
  }

  /** As {@link destroy} for a key that only this session may have, which the caller has for itself. */
  async discard(session: SdfSession, secret: SdfSecret): Promise<void> {
    this.#forget(secret)
    await this.#unload(session, secret)
  }

  /** A session that is about to be closed takes its handles along. */
  forgetSession(session: SdfSession): void {
    for (const secret of this.#loaded.get(session) ?? []) secret.handles.delete(session)
    this.#loaded.delete(session)
  }

  /** Wipes what keys come from. Their sessions must be closed. */
  close(): void {
    for (const secret of this.#secrets) this.#forget(secret)
  }

  #forget(secret: SdfSecret): void {
    const { source } = secret
    secret.isDestroyed = true
    this.#secrets.delete(secret)
    wipe(source.from === 'memory' ? source.bytes : source.wrapped)
  }

  async #note(session: SdfSession, secret: SdfSecret, handle: bigint): Promise<void> {
    const loaded = this.#loaded.get(session) ?? new Set()
    this.#loaded.set(session, loaded)
    loaded.add(secret)
    secret.handles.set(session, handle)
    if (secret.isDestroyed) {
      await this.#unload(session, secret)
      throw this.#destroyed()
    }
    const [oldest] = loaded
    if (loaded.size > MAX_KEYS_PER_SESSION && oldest !== undefined) {
      await this.#unload(session, oldest)
    }
  }

  /** The caller has the session for itself. */
  async #unload(session: SdfSession, secret: SdfSecret): Promise<void> {
    const handle = secret.handles.get(session)
    if (handle === undefined) return
    secret.handles.delete(session)
    this.#loaded.get(session)?.delete(secret)
    await session.call('SDF_DestroyKey', handle)
  }

  async #bring(session: SdfSession, source: KeySource): Promise<bigint> {
    const handle = new NativeHandle()
    if (source.from === 'memory') {
      await session.call('SDF_ImportKey', source.bytes, source.bytes.length, handle.memory)
    } else if (source.from === 'kek') {
      const { index, wrapped } = source
      const number = this.#kekNumber
      await session.call(
        'SDF_ImportKeyWithKEK',
        number,
        index,
        wrapped,
        wrapped.length,
        handle.memory,
      )
    } else {
      await this.#pins.unlock(session, source.index)
      await session.call('SDF_ImportKeyWithISK_ECC', source.index, source.wrapped, handle.memory)
    }
    return handle.value
  }

  #destroyed(): CardKeyError {
    return new CardKeyError(this.#card, 'the key was destroyed; use another')
  }
}
