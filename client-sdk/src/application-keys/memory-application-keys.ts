import { randomBytes, wipe } from '@orlop/crypto/bytes'
import {
  APPLICATION_KEY_BYTES,
  type ApplicationKey,
  type ApplicationKeyName,
  type ApplicationKeys,
  CENTRE_ID_BYTES,
} from './application-keys.ts'
import { refusedKey } from './refused-key.ts'

/** What a key that is not there any more is refused with. */
const END_WORDS = { revoked: 'was revoked', destroyed: 'was destroyed' } as const
type End = keyof typeof END_WORDS

/** Keys of applications in this process alone. For tests, and for applications that keep keys in a safe place of their own. */
export class MemoryApplicationKeys implements ApplicationKeys {
  readonly centreId: Uint8Array
  readonly #keys = new Map<string, Uint8Array[]>()
  readonly #ended = new Map<string, End>()
  #isClosed = false

  /** @param centreId - 16 bytes; random when left out. */
  constructor(centreId: Uint8Array = randomBytes(CENTRE_ID_BYTES)) {
    this.centreId = centreId
  }

  /** Makes the next version of a key, the first where there is none. @returns the version. */
  rotate(appId: string, keyId: string): number {
    const place = placeOf({ appId, keyId })
    const versions = this.#keys.get(place) ?? []
    versions.push(randomBytes(APPLICATION_KEY_BYTES))
    this.#keys.set(place, versions)
    return versions.length
  }

  /** Refuses a key from now on. */
  revoke(appId: string, keyId: string): void {
    this.#ended.set(placeOf({ appId, keyId }), 'revoked')
  }

  /** Wipes every version of a key: nothing sealed with it alone is ever opened again. */
  destroy(appId: string, keyId: string): void {
    const place = placeOf({ appId, keyId })
    wipe(...(this.#keys.get(place) ?? []))
    this.#keys.delete(place)
    this.#ended.set(place, 'destroyed')
  }

  sealKey(request: { readonly appId: string; readonly keyId: string }): Promise<ApplicationKey> {
    return this.#release(request, null)
  }

  openKey(name: ApplicationKeyName): Promise<ApplicationKey> {
    return this.#release(name, name.version)
  }

  close(): Promise<void> {
    for (const versions of this.#keys.values()) wipe(...versions)
    this.#keys.clear()
    this.#isClosed = true
    return Promise.resolve()
  }

  #release(
    { appId, keyId }: { readonly appId: string; readonly keyId: string },
    wanted: number | null,
  ): Promise<ApplicationKey> {
    const name = { appId, keyId }
    const place = placeOf(name)
    const end = this.#ended.get(place)
    if (this.#isClosed) return Promise.reject(refusedKey(name, 'is not held any more'))
    if (end !== undefined) return Promise.reject(refusedKey(name, END_WORDS[end]))
    const versions = this.#keys.get(place) ?? []
    const version = wanted ?? versions.length
    const key = versions[version - 1]
    if (key === undefined) return Promise.reject(refusedKey(name, 'is not known'))
    return Promise.resolve({ ...name, version, key: key.slice() })
  }
}

function placeOf({ appId, keyId }: { readonly appId: string; readonly keyId: string }): string {
  return `${appId}/${keyId}`
}
