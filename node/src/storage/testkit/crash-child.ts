import { writeSync } from 'node:fs'
import { z } from 'zod'
import { EVERY_STRIP } from '@orlop/protocol/limits'
import { sample } from '../blob-store.conformance.ts'
import { TEST_PARTIES, TestWorld, keyFor } from './test-world.ts'

/**
 * Stores, syncs, releases and removes without end, and says on its output what it has promised, in the very moment. Its parent kills
 * it somewhere in between.
 */
const task = z.strictObject({ home: z.string(), seed: z.int(), first: z.int() })

/** Lines are written at once: what was said before the kill arrives. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

/** mulberry32: small, seeded, good enough to choose sizes. */
function seeded(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

async function live({ home, seed, first }: z.infer<typeof task>): Promise<never> {
  const random = seeded(seed)
  const world = await TestWorld.at(home)
  const storage = await world.open({ reservations: { maxReservationsPerClient: 1000 } })
  say('open')
  for (let object = first; ; object++) {
    const lengthBytes = 1 + random(random(2) === 0 ? 5_000 : 300_000)
    const offer = world.offer(object, { maxBytes: lengthBytes })
    const answer = await storage.reservations.reserve({ offer, index: 0, parties: TEST_PARTIES })
    if (!answer.accepted) throw new Error(answer.reason)
    say(`reserved ${String(object)} ${String(answer.reservation.sequence)}`)
    const staging = await storage.strips.stage(keyFor(object))
    const bytes = sample(lengthBytes, object)
    for (let at = 0; at < lengthBytes; at += 60_000) {
      await staging.append(bytes.subarray(at, at + 60_000))
      say(`durable ${String(object)} ${String(await staging.sync())}`)
    }
    await staging.close()
    const choice = random(8)
    if (choice === 0) continue
    if (choice === 1) {
      say(`releasing ${String(object)}`)
      await storage.reservations.release(keyFor(object))
      continue
    }
    const commit = await world.send(storage, object, lengthBytes)
    say(`keeping ${String(object)}`)
    await storage.strips.keep(commit, world.signAck(commit))
    say(`acknowledged ${String(object)} ${String(lengthBytes)}`)
    if (choice !== 2) continue
    say(`removing ${String(object)}`)
    const message = { ...keyFor(object), index: EVERY_STRIP }
    await storage.strips.remove({ message, signature: new Uint8Array(64) })
    say(`removed ${String(object)}`)
  }
}

process.once('message', (message) => {
  void live(task.parse(message))
})
