import { CardLibraryError } from '../card-errors.ts'
import { checkLibraryFile } from '../sdf/library-file.ts'
import { CKF } from './constants.ts'
import { type Cryptoki, loadCryptoki } from './cryptoki.ts'
import { CKR, returnCodeOf } from './return-codes.ts'

/** A library in use. It is shared by all cards of its path: C_Initialize and C_Finalize are for the process. */
export interface Pkcs11Library {
  readonly cryptoki: Cryptoki
  /** Says that one card needs it no more. */
  release(): void
}

interface Loaded {
  readonly cryptoki: Cryptoki
  /** False when something else in this process has initialised it, which will finalise it too. */
  readonly isOurs: boolean
  users: number
}

/** Not a literal, so that this package builds and bundles where the optional one is not installed. */
const KOFFI: string = 'koffi'
/** Kept: what nobody refers to would be unloaded. */
const bound: object[] = []

/**
 * Libraries by path. An entry stays when it has no users: unloading code while a call may still be in it
 * would end the process.
 */
const loaded = new Map<string, Promise<Cryptoki>>()
const running = new Map<string, Loaded>()

/**
 * Loads and initialises a PKCS #11 library, with the locks of the system: calls come from several threads.
 *
 * @throws CardLibraryError
 */
export async function useLibrary(card: string, path: string): Promise<Pkcs11Library> {
  const cryptoki = await load(card, path)
  const library = running.get(path) ?? initialize(card, path, cryptoki)
  library.users++
  let isReleased = false
  return {
    cryptoki,
    release() {
      if (isReleased) return
      isReleased = true
      if (--library.users > 0) return
      running.delete(path)
      if (library.isOurs) finalize(cryptoki)
    },
  }
}

function load(card: string, path: string): Promise<Cryptoki> {
  const existing = loaded.get(path)
  if (existing !== undefined) return existing
  const loading = loadOnce(card, path)
  loaded.set(path, loading)
  loading.catch(() => loaded.delete(path))
  return loading
}

async function loadOnce(card: string, path: string): Promise<Cryptoki> {
  await checkLibraryFile(card, path)
  const cryptoki = await loadCryptoki(card)
  await bindToItsOwn(path)
  try {
    cryptoki.load(path)
  } catch (cause) {
    const { message } = cause as Error
    const isSymbol = /C_GetFunctionList|undefined symbol/.test(message)
    throw new CardLibraryError(
      card,
      isSymbol ? 'symbol-missing' : 'not-starting',
      `${path} cannot be loaded: ${message}; is it a PKCS #11 library, and all it needs installed?`,
      { cause },
    )
  }
  return cryptoki
}

/**
 * Loads a library so that it finds the functions of the libraries it was linked with before Node's of the same
 * name: Node has an OpenSSL of its own in it, and half of each ends the process. The binding cannot ask for
 * that, but it then gets what is loaded already.
 */
async function bindToItsOwn(path: string): Promise<void> {
  try {
    const { default: koffi } = (await import(KOFFI)) as {
      default: { load(path: string, options: { deep: boolean }): object }
    }
    bound.push(koffi.load(path, { deep: true }))
  } catch {
    // Without koffi it is loaded as the binding does. What else is wrong with the library, that says too.
  }
}

/** A library whose token is gone may fail to end; there is nothing more to do for it. */
function finalize(cryptoki: Cryptoki): void {
  try {
    cryptoki.C_Finalize()
  } catch (error) {
    if (returnCodeOf(error) === null) throw error
  }
}

function initialize(card: string, path: string, cryptoki: Cryptoki): Loaded {
  let isOurs = true
  try {
    cryptoki.C_Initialize({ flags: CKF.OS_LOCKING_OK })
  } catch (cause) {
    if (returnCodeOf(cause) !== CKR.CRYPTOKI_ALREADY_INITIALIZED) {
      throw new CardLibraryError(
        card,
        'not-starting',
        `${path} does not start (${(cause as Error).message}); check its own configuration`,
        { cause },
      )
    }
    isOurs = false
  }
  const library = { cryptoki, isOurs, users: 0 }
  running.set(path, library)
  return library
}
