import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { removeType } from '@orlop/protocol/messages/keeping'
import { removeAnswer } from '@orlop/protocol/wire/remove'
import type { StorageMetrics } from '../storage/interfaces.ts'
import { Fleet, type FleetNode } from '../testkit/fleet.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import type { ScriptedClient, TestObject } from '../testkit/scripted-client.ts'

describe('fetch', () => {
  let fleet: Fleet
  let first: FleetNode
  let ship: ScriptedClient
  let object: TestObject

  before(async () => {
    fleet = new Fleet()
    first = await fleet.startNode('A01')
    ship = await fleet.client('ship')
    object = ship.object('fetched', 200_000, 1)
    await ship.put(object, [first.node])
  })

  after(async () => {
    await fleet.close()
  })

  it('gives any range, and what there is of one that reaches past the end', async () => {
    const ranges: [number, number][] = [
      [0, 0],
      [0, 1],
      [65_535, 2],
      [199_999, 50],
      [200_000, 10],
      [500_000, 10],
      [10, Number.MAX_SAFE_INTEGER],
    ]
    for (const [offsetBytes, lengthBytes] of ranges) {
      const bytes = await ship.fetch(object, first.node, { index: 0, offsetBytes, lengthBytes })
      const expected = object.bytes.subarray(offsetBytes, offsetBytes + lengthBytes)
      expect(Buffer.compare(bytes, expected), `${offsetBytes}+${lengthBytes}`).to.equal(0)
    }
  })

  it('serves any admitted client', async () => {
    const other = await fleet.client('other')
    const range = { index: 0, ownerId: ship.clientId }
    const bytes = await other.fetch(object, first.node, range)
    expect(bytes.length).to.equal(200_000)
  })

  it('says that an object is not here', async () => {
    const failure = await failureOf(ship.fetch(ship.object('nowhere', 5), first.node, { index: 0 }))
    expect(failure.code).to.equal('OBJECT_NOT_FOUND')
  })

  it('never gives out a flipped bit', async () => {
    const spoilt = ship.object('spoilt', 150_000, 1)
    await ship.put(spoilt, [first.node])
    await flipInBlobs(first.home, spoilt.bytes)
    const failure = await failureOf(ship.fetch(spoilt, first.node, { index: 0 }))
    expect(failure.code).to.equal('STRIP_DAMAGED')
    const whole = await ship.fetch(object, first.node, { index: 0 })
    expect(whole.length).to.equal(200_000)
  })

  it('tells the operator of a strip found damaged while it was read, once, until it is removed', async () => {
    const counted = new Map<string, number>()
    const storageMetrics: StorageMetrics = {
      add: (name, by) => counted.set(name, (counted.get(name) ?? 0) + by),
      set: () => undefined,
    }
    const watched = await fleet.startNode('A02', { dependencies: { storageMetrics } })
    const spoilt = ship.object('watched', 150_000, 1)
    await ship.put(spoilt, [watched.node])
    expect((await watched.node.health()).disk).to.include({ ok: true, damagedStrips: 0 })
    await flipInBlobs(watched.home, spoilt.bytes)
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure = await failureOf(ship.fetch(spoilt, watched.node, { index: 0 }))
      expect(failure.code).to.equal('STRIP_DAMAGED')
    }
    expect(counted.get('strips_damaged_total')).to.equal(1)
    const sick = await watched.node.health()
    expect([sick.ok, sick.disk.ok, sick.disk.damagedStrips]).to.deep.equal([false, false, 1])
    const message = { objectId: spoilt.objectId, clientId: ship.clientId, index: 0 }
    const remove = ship.sign(removeType, message)
    await ship.ask(watched.node, 'remove', { request: { remove }, answer: removeAnswer })
    expect((await watched.node.health()).disk).to.include({ ok: true, damagedStrips: 0 })
  })
})

/** Flips one bit in the middle of the file that begins with `bytes`. */
async function flipInBlobs(home: string, bytes: Uint8Array): Promise<void> {
  for (const entry of await readdir(join(home, 'blobs'), {
    recursive: true,
    withFileTypes: true,
  })) {
    if (!entry.isFile()) continue
    const file = await open(join(entry.parentPath, entry.name), 'r+')
    try {
      const head = Buffer.alloc(64)
      await file.read(head, 0, 64, 0)
      if (Buffer.compare(head, bytes.subarray(0, 64)) !== 0) continue
      await file.write(Uint8Array.of((bytes[100_000] ?? 0) ^ 4), 0, 1, 100_000)
      return
    } finally {
      await file.close()
    }
  }
  throw new Error('test: the blob was not found')
}
