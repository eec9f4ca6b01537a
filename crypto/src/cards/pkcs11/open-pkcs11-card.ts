import { isAbsolute } from 'node:path'

import type { CryptoCard } from '../card.ts'
import { openCard } from '../open-card.ts'
import { useLibrary } from './library.ts'
import { Mechanisms, type VendorNumbers } from './mechanisms.ts'
import { type DriverParts, Pkcs11Driver } from './pkcs11-driver.ts'
import { closeSession, findToken, openOwnerSession } from './token.ts'

const DEFAULT_SESSIONS = 3
const DEFAULT_QUEUE = 1024

export interface Pkcs11CardOptions {
  /** Absolute path of the vendor's library. */
  readonly library: string
  /** The token's label. Exactly one slot must have it. */
  readonly token: string
  /** The PIN of the token's user; null when it needs none. */
  readonly pin: string | null
  /** Names the card; `pkcs11:` and the token's label when left out. */
  readonly name?: string
  /**
   * Sessions for calls at the same time, 1 to 256; 3 when left out. One more holds the login. Calls run on the
   * threads that Node also reads files with: 4, unless UV_THREADPOOL_SIZE says otherwise.
   */
  readonly maxSessions?: number
  /** Calls that may wait for a session, 0 to 65 536; 1024 when left out. */
  readonly maxQueue?: number
  /** The vendor's numbers for SM3 and SM4, which the standard has none for. */
  readonly vendor?: VendorNumbers
  /** Ask also when one more wrong PIN would lock the token; false when left out. */
  readonly spendsLastTry?: boolean
  readonly signal?: AbortSignal
}

/**
 * Opens a token of a PKCS #11 library (v2.40) as a card. The optional package `pkcs11js` must be installed.
 *
 * The login is one of the whole process (PKCS #11 base section 5.4): while any card of a token is open, another
 * one of the same token opens whatever its PIN is.
 *
 * @throws CardLibraryError, CardAbsentError, CardPinError, CardLostError as card-errors.ts says
 * @throws RangeError when a number is out of bounds, or the path not absolute: which file is loaded must not depend
 *   on where a program runs
 */
export async function openPkcs11Card(options: Pkcs11CardOptions): Promise<CryptoCard> {
  const { token: label, pin, spendsLastTry = false, vendor = {} } = options
  const name = options.name ?? `pkcs11:${label}`
  if (!isAbsolute(options.library)) throw new RangeError('library: expected an absolute path')
  const library = await useLibrary(name, options.library)
  try {
    const token = findToken(library.cryptoki, name, label)
    const ownerSession = await openOwnerSession(library.cryptoki, token, { pin, spendsLastTry })
    const driver = await startDriver({
      library,
      token,
      ownerSession,
      mechanisms: new Mechanisms(vendor),
      maxSessions: options.maxSessions ?? DEFAULT_SESSIONS,
      maxQueue: options.maxQueue ?? DEFAULT_QUEUE,
    })
    return await openCard(driver, options.signal)
  } catch (error) {
    library.release()
    throw error
  }
}

async function startDriver(parts: DriverParts): Promise<Pkcs11Driver> {
  try {
    return new Pkcs11Driver(parts)
  } catch (error) {
    await closeSession(parts.library.cryptoki, parts.ownerSession)
    throw error
  }
}
