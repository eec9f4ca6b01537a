import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import fc from 'fast-check'
import { readAll, sample } from './blob-store.conformance.ts'
import type { NodeStorage } from './interfaces.ts'
import { TestWorld, keyFor } from './testkit/test-world.ts'

const CHILD = fileURLToPath(new URL('./testkit/crash-child.ts', import.meta.url))
const ROUNDS = 30
const SEED = 20_260_101

/** What the children promised so far. */
interface Promises {
  /** Bytes by object; what is being removed may or may not be here. */
  acknowledged: Map<number, number>
  /** Said to be going, perhaps gone. */
  removing: Set<number>
  removed: Set<number>
  durable: Map<number, number>
}

/** Runs one child and kills it when it has said so many lines; everything it said is noted. */
async function killedAfter(lines: number, task: object, promises: Promises): Promise<void> {
  const child = fork(CHILD, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const gone = once(child, 'close')
  child.send(task)
  let said = 0
  if (child.stdout === null) throw new Error('the child has no output')
  for await (const line of createInterface({ input: child.stdout })) {
    note(line, promises)
    said += 1
    if (said === lines) child.kill('SIGKILL')
  }
  const [, signal] = (await gone) as [number | null, string | null]
  expect(signal, 'the child ended by itself').to.equal('SIGKILL')
}

function note(line: string, promises: Promises): void {
  const [word, object = 0, value = 0] = line
    .split(' ')
    .map((part, at) => (at === 0 ? part : Number(part))) as [string, number?, number?]
  if (word === 'durable') promises.durable.set(object, value)
  if (word === 'releasing' || word === 'keeping') promises.durable.delete(object)
  if (word === 'acknowledged') promises.acknowledged.set(object, value)
  if (word === 'removing') promises.removing.add(object)
  if (word === 'removed') promises.removed.add(object)
}

async function checkAcknowledged(storage: NodeStorage, promises: Promises): Promise<void> {
  const numbers: number[] = []
  for (const [object, lengthBytes] of promises.acknowledged) {
    const record = await storage.strips.find(keyFor(object))
    if (record === null) {
      expect(promises.removing.has(object), `object ${String(object)} is lost`).to.equal(true)
      expect(await storage.strips.isRemoved(keyFor(object))).to.equal(true)
      continue
    }
    expect(promises.removed.has(object)).to.equal(false)
    const { reader } = await storage.strips.openReader(keyFor(object))
    const bytes = await readAll(reader)
    expect(bytes.equals(sample(lengthBytes, object)), `object ${String(object)}`).to.equal(true)
    numbers.push(record.commit.message.sequence)
  }
  expect(new Set(numbers).size, 'a receipt number was given twice').to.equal(numbers.length)
}

async function checkDisk(storage: NodeStorage, promises: Promises): Promise<void> {
  for (const [object, durableBytes] of promises.durable) {
    expect(await storage.strips.durableBytes(keyFor(object))).to.be.at.least(durableBytes)
  }
  for await (const { key, place } of storage.blobs.list()) {
    const isKept = (await storage.strips.find(key)) !== null
    expect(isKept, 'visible without an entry, or kept without being visible').to.equal(
      place === 'final',
    )
  }
}

describe('kill -9', () => {
  it(`loses nothing acknowledged and shows nothing half, ${String(ROUNDS)} times`, async function () {
    this.timeout(300_000)
    const world = await TestWorld.create()
    const promises: Promises = {
      acknowledged: new Map(),
      removing: new Set(),
      removed: new Set(),
      durable: new Map(),
    }
    const lengths = fc.sample(fc.integer({ min: 1, max: 60 }), { numRuns: ROUNDS, seed: SEED })
    for (const [round, lines] of lengths.entries()) {
      const task = { home: world.home, seed: SEED + round, first: round * 1000 }
      await killedAfter(lines, task, promises)
      const storage = await world.open()
      expect(storage.recovery.missing).to.deep.equal([])
      expect(storage.recovery.setAside).to.deep.equal([])
      await checkAcknowledged(storage, promises)
      await checkDisk(storage, promises)
      await storage.close()
    }
    expect(promises.acknowledged.size).to.be.greaterThan(ROUNDS)
    await world.destroy()
  })
})
