import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import type { SdfFunctionName } from '../cards/sdf/functions.ts'

const require = createRequire(import.meta.url)
const SOURCES = fileURLToPath(new URL('../../../test/fixtures/sdf/', import.meta.url))
const BUILT = fileURLToPath(new URL('../../../.runtime/sdf-fixture/', import.meta.url))

/** The macros of test/fixtures/sdf/sdf.h. */
export type SdfFixtureMacro = 'FIXTURE_SANSEC' | 'WITHOUT_OPTIONAL' | 'WITHOUT_CIPHER'

/** The PIN of the test device's private keys, 1 and 2. */
export const SDF_FIXTURE_PIN = 'Orlop-0018'

/** What the test device is compiled with. */
export const SDF_FIXTURE_NEEDS = 'apt-get install gcc libc6-dev libssl-dev'

/** Whether this machine can compile the test device. */
export function canBuildSdfFixture(): boolean {
  const arguments_ = ['-E', '-include', 'openssl/evp.h', '-x', 'c', '-o', '/dev/null', '/dev/null']
  return spawnSync('cc', arguments_).status === 0
}

/**
 * Compiles the test device, unless the same sources were compiled before.
 *
 * @returns the path of the shared library
 */
export async function buildSdfFixture(...macros: SdfFixtureMacro[]): Promise<string> {
  const hash = createHash('sha256').update(macros.join(' '))
  for (const name of (await readdir(SOURCES)).toSorted()) {
    hash.update(await readFile(join(SOURCES, name)))
  }
  const path = join(BUILT, `${hash.digest('hex').slice(0, 32)}.so`)
  if (existsSync(path)) return path
  await mkdir(BUILT, { recursive: true })
  await promisify(execFile)('sh', [join(SOURCES, 'build.sh'), path, ...macros])
  return path
}

const COUNTERS = [
  'openDevices',
  'openSessions',
  'liveKeys',
  'sharedSessions',
  'wrongPasswords',
  'mostConcurrent',
  'calls',
] as const

/** What a test tells the device to do, and asks it: test/fixtures/sdf/fixture.h. */
export interface SdfFixture {
  reset(): void
  fail(name: SdfFunctionName, skip: number, status: number): void
  corrupt(name: SdfFunctionName): void
  overstate(name: SdfFunctionName): void
  unplug(): void
  hold(name: SdfFunctionName): void
  /** Waits until so many calls are held. */
  awaitHeld(calls: number): Promise<void>
  release(): void
  limitSessions(most: number): void
  count(counter: (typeof COUNTERS)[number]): number
  hasOwnLibcrypto(): boolean
}

/** The part of the npm package `koffi` that is used here. */
interface ForeignFunctions {
  load(path: string, options: { deep: boolean }): { func(prototype: string): unknown }
}

type AwaitHeld = (calls: number, done: (error: Error | null) => void) => void

/** The controls of a device whose library is at this path. Cards opened on the same path are of the same device. */
export function controlSdfFixture(path: string): SdfFixture {
  const library = (require('koffi') as ForeignFunctions).load(path, { deep: true })
  const bind = (prototype: string) => library.func(prototype)
  const awaitHeld = bind('void fixture_await_held(uint32 calls)') as { async: AwaitHeld }
  const count = bind('uint32 fixture_count(int counter)') as (counter: number) => number
  const hasOwnLibcrypto = bind('int fixture_has_own_libcrypto(void)') as () => number
  return {
    reset: bind('void fixture_reset(void)') as SdfFixture['reset'],
    fail: bind(
      'void fixture_fail(const char *name, uint32 skip, uint32 code)',
    ) as SdfFixture['fail'],
    corrupt: bind('void fixture_corrupt(const char *name)') as SdfFixture['corrupt'],
    overstate: bind('void fixture_overstate(const char *name)') as SdfFixture['overstate'],
    unplug: bind('void fixture_unplug(void)') as SdfFixture['unplug'],
    hold: bind('void fixture_hold(const char *name)') as SdfFixture['hold'],
    awaitHeld: promisify(awaitHeld.async),
    release: bind('void fixture_release(void)') as SdfFixture['release'],
    limitSessions: bind('void fixture_limit_sessions(uint32 most)') as SdfFixture['limitSessions'],
    count: (counter) => count(COUNTERS.indexOf(counter)),
    hasOwnLibcrypto: () => hasOwnLibcrypto() === 1,
  }
}
