/** A key when an application is named alone. */
export const DEFAULT_KEY_ID = 'default'
/** Bytes of a key, and of a centre's name. */
export const APPLICATION_KEY_BYTES = 32
export const CENTRE_ID_BYTES = 16

/** One version of a key of an application, as the centre names it. */
export interface ApplicationKeyName {
  readonly appId: string
  readonly keyId: string
  /** From 1. */
  readonly version: number
}

/** A key in use. */
export interface ApplicationKey extends ApplicationKeyName {
  /** 32 bytes, a copy for the caller, who wipes it. */
  readonly key: Uint8Array
}

export interface ApplicationKeyOptions {
  readonly signal?: AbortSignal
}

/**
 * Where a client obtains the keys of the applications it acts for: a key management centre, or a stand-in. Keys are held in memory
 * only, and not longer than they may be used: what was revoked is refused at the latest when it is next asked for over the network.
 *
 * Every call rejects with OrlopError `APP_KEY_REFUSED` when there is no such key, or this client may not have it (any more), and
 * `APP_KEYS_UNREACHABLE` when the centre gives no answer or is sealed: then it may be asked again later. Where keys come wrapped to a
 * card's key also with `CARD_UNAVAILABLE` when the card fails, and `CONFIG_INVALID` when it has no such key.
 */
export interface ApplicationKeys {
  /** 16 bytes that name the centre: its keys open what was sealed with its keys, and no other centre's. */
  readonly centreId: Uint8Array
  /** The newest version of a key: the only one to seal with. */
  sealKey(
    request: { readonly appId: string; readonly keyId: string },
    options?: ApplicationKeyOptions,
  ): Promise<ApplicationKey>
  /** The version that something was sealed with. */
  openKey(name: ApplicationKeyName, options?: ApplicationKeyOptions): Promise<ApplicationKey>
  /** Forgets every key and ends what is under way; calls after it are refused. May be called again and then does nothing. */
  close(): Promise<void>
}
