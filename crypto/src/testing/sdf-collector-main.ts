import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'

import { loadSdfLibrary } from '../cards/sdf/library.ts'
import { NativeHandle, NativeNumber } from '../cards/sdf/structures.ts'
import { namedBytes } from './pattern.ts'
import { controlSdfFixture } from './sdf-fixture.ts'

/**
 * Run by a test with `--expose-gc` and the path of the test device: while native calls wait inside the device,
 * before they have read anything, memory is collected, and what became free is handed to others who write into it.
 */
const [, , path = ''] = process.argv
const ROUNDS = 5
/** Node's threads for native calls, but one. */
const CALLS = 3
const DATA_BYTES = 4096
const SM3 = 1

const collectGarbage = globalThis.gc
if (collectGarbage === undefined) throw new Error('needs node --expose-gc')
const control = controlSdfFixture(path)
const library = await loadSdfLibrary({ card: 'collected', path, decryptTakesNumber: true })

async function must(call: Promise<number>): Promise<void> {
  const status = await call
  if (status !== 0) throw new Error(`status 0x${status.toString(16)}`)
}

async function openSession(device: bigint): Promise<bigint> {
  const session = new NativeHandle()
  await must(library.call('SDF_OpenSession', device, session.memory))
  return session.value
}

async function collectAndOverwrite(): Promise<void> {
  for (let pass = 0; pass < 3; pass++) {
    collectGarbage?.()
    await setImmediate()
  }
  for (let count = 0; count < 500; count++) {
    new Uint8Array(new ArrayBuffer(DATA_BYTES)).fill(0xff)
  }
}

const device = new NativeHandle()
await must(library.call('SDF_OpenDevice', device.memory))
const sessions = await Promise.all(Array.from({ length: CALLS }, () => openSession(device.value)))
for (let round = 0; round < ROUNDS; round++) {
  for (const session of sessions)
    await must(library.call('SDF_HashInit', session, SM3, null, null, 0))
  control.hold('SDF_HashUpdate')
  // Nothing here keeps the data but the call itself.
  const updates = sessions.map((session) =>
    library.call('SDF_HashUpdate', session, namedBytes(String(session), DATA_BYTES), DATA_BYTES),
  )
  await control.awaitHeld(CALLS)
  await collectAndOverwrite()
  control.release()
  for (const update of updates) await must(update)
  for (const session of sessions) {
    const digest = new Uint8Array(64)
    const length = new NativeNumber(digest.length)
    await must(library.call('SDF_HashFinal', session, digest, length.memory))
    const expected = createHash('sm3')
      .update(namedBytes(String(session), DATA_BYTES))
      .digest()
    if (!expected.equals(digest.subarray(0, length.value))) throw new Error('other data was hashed')
  }
}
process.stdout.write(`${String(ROUNDS * CALLS)} calls\n`)
