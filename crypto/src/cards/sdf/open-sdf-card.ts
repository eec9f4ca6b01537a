import { assertInteger } from '../../bytes.ts'
import type { CardAlgorithm } from '../algorithms.ts'
import type { CardIdentity, CryptoCard } from '../card.ts'
import { openCard } from '../open-card.ts'
import { SessionPool } from '../session-pool.ts'
import { exportPublicKey } from './key-pairs.ts'
import { KeyStore, type SdfPrivate } from './key-store.ts'
import { loadSdfLibrary, type LoadSdfLibraryOptions, type SdfLibrary } from './library.ts'
import { PinGuard, type SdfPins } from './pin-guard.ts'
import {
  checkSdfProfile,
  SDF_PROFILES,
  type SdfAlgorithm,
  type SdfProfile,
  type SdfProfileName,
} from './profile.ts'
import { SdfDriver } from './sdf-driver.ts'
import { SecretKeys } from './secret-keys.ts'
import { callDevice, type SdfDevice, SdfSession } from './session.ts'
import { decodeDeviceInfo, NativeHandle, newStructure } from './structures.ts'

export interface SdfCardOptions {
  /** Absolute path of the vendor's shared library. */
  readonly library: string
  /** Names the card; `sdf` when left out. */
  readonly name?: string
  /** How the device speaks; `gmt-0018`, the standard's way, when left out. */
  readonly profile?: SdfProfileName | SdfProfile
  /** PINs of private keys, by the key's index. A key without one here is used without. */
  readonly pins?: SdfPins
  /**
   * Index of an encryption key pair. Keys that are brought in, or made, are kept encrypted to it, and come into
   * each session from there. Without it keys that are brought in are kept in the memory of this process.
   */
  readonly keyPair?: number
  /** Index of a key-encryption key. Keys that are made are kept under it. */
  readonly kek?: number
  /**
   * Most sessions at once, 1 to 256; 3 when left out. Calls run on the threads that Node also reads files with:
   * 4, unless UV_THREADPOOL_SIZE says otherwise. Leave it one, or a device that hangs makes the program hang.
   */
  readonly maxSessions?: number
  /** Most calls that wait for a session, 0 to 65 536; 1024 when left out. */
  readonly maxQueue?: number
  readonly signal?: AbortSignal
  /** See `LoadSdfLibraryOptions.importPackage`. */
  readonly importPackage?: LoadSdfLibraryOptions['importPackage']
}

const DEFAULT_SESSIONS = 3
const DEFAULT_QUEUE = 1024
const KEY_INDEX = { min: 1, max: 9999 }

/**
 * Opens a device of GM/T 0018 by its vendor's library, and asks it for known answers.
 *
 * @throws CardLibraryError when the library, or the npm package koffi, is missing or of another machine
 * @throws CardAbsentError when the library has no device; CardLostError when it goes away meanwhile
 * @throws CardPinError when the PIN of `keyPair` is refused; CardKeyError when there is no such pair
 * @throws TypeError or RangeError for options that cannot be
 */
export async function openSdfCard(options: SdfCardOptions): Promise<CryptoCard> {
  const { name: card = 'sdf', profile: chosen = 'gmt-0018', signal } = options
  const profile = typeof chosen === 'string' ? SDF_PROFILES[chosen] : chosen
  checkSdfProfile(profile)
  for (const index of [options.keyPair, options.kek, ...Object.keys(options.pins ?? {})]) {
    if (index !== undefined) assertInteger('index of a key', Number(index), KEY_INDEX)
  }
  signal?.throwIfAborted()
  const library = await loadSdfLibrary({
    card,
    path: options.library,
    decryptTakesNumber: profile.decryptTakesNumber,
    ...(options.importPackage !== undefined && { importPackage: options.importPackage }),
  })
  const handle = new NativeHandle()
  await callDevice({ card, library, profile }, 'SDF_OpenDevice', handle.memory)
  const device = { card, library, profile, handle: handle.value }
  return openCard(await startDriver(device, options), signal)
}

/** When it fails, the device is closed. */
async function startDriver(device: SdfDevice, options: SdfCardOptions): Promise<SdfDriver> {
  try {
    const identity = await askIdentity(device)
    const pins = new PinGuard(`sdf ${identity.manufacturer} ${identity.serial}`, options.pins ?? {})
    const store = new KeyStore(device.card, pins, device.profile.numbers.kek ?? 0)
    const pool = new SessionPool<SdfSession>({
      card: device.card,
      open: () => SdfSession.open(device),
      close: (session) => {
        store.forgetSession(session)
        return session.close()
      },
      maxSessions: options.maxSessions ?? DEFAULT_SESSIONS,
      maxQueue: options.maxQueue ?? DEFAULT_QUEUE,
    })
    const pair = await findPair(pool, options.keyPair)
    const secrets = new SecretKeys(store, pins, { kek: options.kek ?? null, pair })
    const { candidates, composed } = candidatesOf(device, pair !== null)
    return new SdfDriver({ identity, candidates, composed, device, pool, store, pins, secrets })
  } catch (error) {
    await device.library.call('SDF_CloseDevice', device.handle)
    throw error
  }
}

async function askIdentity(device: SdfDevice): Promise<CardIdentity> {
  const session = await SdfSession.open(device)
  try {
    const structure = newStructure()
    await session.call('SDF_GetDeviceInfo', structure)
    const { issuer, device: model, serial, version } = decodeDeviceInfo(structure)
    return { name: device.card, driver: 'sdf', manufacturer: issuer, model, serial, version }
  } finally {
    // What went wrong before says more than that the session cannot be closed.
    await session.close().catch(() => undefined)
  }
}

async function findPair(
  pool: SessionPool<SdfSession>,
  index: number | undefined,
): Promise<SdfPrivate | null> {
  if (index === undefined) return null
  return pool.use((session) => session.exclusive(() => exportPublicKey(session, 'decrypt', index)))
}

/** What the library's functions and the profile's numbers let one expect; the self-test decides. */
function candidatesOf({ library, profile }: SdfDevice, hasPair: boolean) {
  const numbered = (algorithm: SdfAlgorithm) => profile.numbers[algorithm] !== undefined
  const composed: CardAlgorithm[] = []
  const candidates: CardAlgorithm[] = []
  const direct = [
    'sm4-ecb',
    'sm4-cbc',
    'sm4-ctr',
    'aes-256-ecb',
    'aes-256-cbc',
    'aes-256-ctr',
  ] as const
  candidates.push(...direct.filter(numbered))
  for (const block of ['sm4', 'aes-256'] as const) {
    if (!numbered(`${block}-ecb`)) continue
    if (!numbered(`${block}-ctr`)) composed.push(`${block}-ctr`)
    composed.push(`${block}-gcm`)
  }
  if (numbered('sm4-cbc-mac') && library.has('SDF_CalculateMAC')) candidates.push('sm4-cbc-mac')
  if (library.has('SDF_HMACInit')) {
    if (numbered('sm3')) candidates.push('hmac-sm3')
    if (numbered('sha256')) candidates.push('hmac-sha256')
  }
  const hasHash = library.has('SDF_HashInit')
  if (hasHash) candidates.push(...(['sm3', 'sha256', 'sha384', 'sha512'] as const).filter(numbered))
  candidates.push(...publicKeyCandidates(library, numbered, hasPair))
  return { candidates: [...candidates, ...composed], composed }
}

function publicKeyCandidates(
  library: SdfLibrary,
  numbered: (algorithm: SdfAlgorithm) => boolean,
  hasPair: boolean,
): CardAlgorithm[] {
  const candidates: CardAlgorithm[] = []
  if (numbered('sm2-sign') && numbered('sm3') && library.has('SDF_ExternalVerify_ECC')) {
    candidates.push('sm2-sm3')
  }
  // Opening is outside the standard of 2012. A device that can only seal does not have the algorithm.
  const seals = ['SDF_ExternalEncrypt_ECC', 'SDF_InternalDecrypt_ECC'] as const
  if (numbered('sm2-encrypt') && seals.every((name) => library.has(name))) {
    candidates.push('sm2-encrypt')
    const wraps = hasPair ? 'SDF_ExchangeDigitEnvelopeBaseOnECC' : 'SDF_ImportKey'
    if (library.has(wraps) && library.has('SDF_ImportKeyWithISK_ECC')) {
      candidates.push('sm2-envelope')
    }
  }
  if (numbered('kek') && library.has('SDF_ImportKeyWithKEK')) candidates.push('sdf-kek')
  return candidates
}
