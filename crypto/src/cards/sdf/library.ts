import { isAbsolute } from 'node:path'

import { CardBusyError, CardLibraryError } from '../card-errors.ts'
import { holdMemory } from '../hold-memory.ts'
import {
  parameterTypes,
  REQUIRED_FUNCTIONS,
  SDF_FUNCTION_NAMES,
  type SdfFunctionName,
} from './functions.ts'
import { checkLibraryFile } from './library-file.ts'

/** What is handed to a native function. Memory is read, or written, in place. */
export type NativeArgument = bigint | number | Uint8Array | null

/** A device's library: its functions, called on threads beside JavaScript's. */
export interface SdfLibrary {
  has(name: SdfFunctionName): boolean
  /** Calls a function that the library {@link has}. @returns its status, 0 for success */
  call(name: SdfFunctionName, ...args: NativeArgument[]): Promise<number>
}

export interface LoadSdfLibraryOptions {
  /** The card's name, for messages. */
  readonly card: string
  /** Absolute path of the vendor's shared library. */
  readonly path: string
  /** See `SdfProfile.decryptTakesNumber`. */
  readonly decryptTakesNumber: boolean
  /** Brings the npm package that calls native functions. Tests give another. */
  readonly importPackage?: () => Promise<ForeignFunctions>
}

/** The part of the npm package `koffi` that is used here. */
export interface ForeignFunctions {
  load(path: string, options: { deep: boolean }): ForeignLibrary
}

interface ForeignLibrary {
  func(name: string, result: string, parameters: string[]): unknown
}

interface NativeFunction {
  async(...args: [...NativeArgument[], (error: Error | null, status: number) => void]): void
}

/** Not a literal, so that this package builds and bundles where the optional one is not installed. */
const KOFFI: string = 'koffi'

/**
 * Libraries stay loaded as long as the process lives: vendors' threads may still run in one when its last card
 * is closed.
 */
const loaded = new Map<string, ForeignLibrary>()

/**
 * Loads a vendor's library.
 *
 * @throws RangeError when the path is not absolute: which file is loaded must not depend on where a program runs
 * @throws CardLibraryError
 */
export async function loadSdfLibrary(options: LoadSdfLibraryOptions): Promise<SdfLibrary> {
  const { card, path } = options
  if (!isAbsolute(path)) throw new RangeError('library: expected an absolute path')
  await checkLibraryFile(card, path)
  const foreign = await importForeignFunctions(options)
  const library = loaded.get(path) ?? loadFile(card, path, foreign)
  loaded.set(path, library)
  return bind(library, options)
}

async function importKoffi(): Promise<ForeignFunctions> {
  return ((await import(KOFFI)) as { default: ForeignFunctions }).default
}

async function importForeignFunctions({
  card,
  importPackage = importKoffi,
}: LoadSdfLibraryOptions): Promise<ForeignFunctions> {
  try {
    return await importPackage()
  } catch (cause) {
    throw new CardLibraryError(
      card,
      'package-missing',
      'the npm package koffi is not installed, or not for this machine; install it with: npm install koffi',
      { cause },
    )
  }
}

function loadFile(card: string, path: string, foreign: ForeignFunctions): ForeignLibrary {
  try {
    // Deep: it finds its own libcrypto, if it has one, before the OpenSSL inside Node, which lends its names to whatever is
    // loaded. Half of each ends the process.
    return foreign.load(path, { deep: true })
  } catch (cause) {
    throw new CardLibraryError(
      card,
      'not-starting',
      `${path} cannot be loaded; install what it depends on (ldd tells): ${(cause as Error).message}`,
      { cause },
    )
  }
}

function bind(
  library: ForeignLibrary,
  { card, path, decryptTakesNumber }: LoadSdfLibraryOptions,
): SdfLibrary {
  const functions = new Map<SdfFunctionName, NativeFunction>()
  for (const name of SDF_FUNCTION_NAMES) {
    const found = findFunction(library, name, parameterTypes(name, decryptTakesNumber))
    if (found !== null) functions.set(name, found)
  }
  const missing = REQUIRED_FUNCTIONS.filter((name) => !functions.has(name))
  if (missing.length > 0) {
    throw new CardLibraryError(
      card,
      'symbol-missing',
      `${path} has no ${missing.join(', ')}; give the library of a GM/T 0018 device`,
    )
  }
  return {
    has: (name) => functions.has(name),
    call: (name, ...args) => callAsync(card, name, functions.get(name), args),
  }
}

function findFunction(
  library: ForeignLibrary,
  name: SdfFunctionName,
  parameters: string[],
): NativeFunction | null {
  try {
    return library.func(name, 'uint32', parameters) as NativeFunction
  } catch {
    return null
  }
}

/** The package itself refuses: too many calls of all libraries together are under way. */
function notCalled(card: string, operation: SdfFunctionName, cause: Error): CardBusyError {
  return new CardBusyError(
    card,
    `${operation} could not be called (${cause.message}); try again, or give fewer sessions to the cards`,
    { cause },
  )
}

function callAsync(
  card: string,
  name: SdfFunctionName,
  native: NativeFunction | undefined,
  args: NativeArgument[],
): Promise<number> {
  if (native === undefined) {
    throw new CardLibraryError(card, 'symbol-missing', `its library has no ${name}`)
  }
  const memory = args.filter((argument) => argument instanceof Uint8Array)
  return holdMemory(
    memory,
    () =>
      new Promise((resolve, reject) => {
        const fail = (cause: Error) => reject(notCalled(card, name, cause))
        try {
          native.async(...args, (error, status) => (error === null ? resolve(status) : fail(error)))
        } catch (error) {
          fail(error as Error)
        }
      }),
  )
}
