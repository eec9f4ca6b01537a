import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { silentLogger } from '@orlop/protocol/logger'
import { OrlopError } from '@orlop/protocol/errors'
import type { SignedAck, SignedCommit } from '@orlop/protocol/messages/storing'
import type { StripKey } from '../storage/interfaces.ts'
import type { SpreadRecord } from '../storage/records.ts'
import { ManualTime } from '../storage/testkit/manual-time.ts'
import { Spreader, type SpreadEvent } from './spreader.ts'

const OBJECT = new Uint8Array(32).fill(7)
const ACK = { message: {}, signature: new Uint8Array(64) } as unknown as SignedAck

function commitOf(index: number, nodeId: number): SignedCommit {
  const message = { objectId: OBJECT, clientId: 1, index, nodeId, expiry: 4_000_000_000 }
  return { message, signature: new Uint8Array(64) } as unknown as SignedCommit
}

describe('spreader', () => {
  let time: ManualTime
  let jobs: Map<number, SpreadRecord>
  let removed: boolean
  let events: SpreadEvent[]
  let send: (commit: SignedCommit) => Promise<SignedAck>
  let spreader: Spreader

  beforeEach(() => {
    time = new ManualTime()
    jobs = new Map()
    removed = false
    events = []
    send = () => Promise.resolve(ACK)
    spreader = create()
  })

  afterEach(async () => {
    await spreader.stop()
  })

  function create(maxParallel = 2): Spreader {
    const change = (key: StripKey, fields: Partial<SpreadRecord>) => {
      const job = jobs.get(key.index)
      if (job !== undefined) jobs.set(key.index, { ...job, ...fields })
      return Promise.resolve()
    }
    const made = new Spreader(
      {
        storage: {
          strips: { isRemoved: () => Promise.resolve(removed) } as never,
          spreads: {
            put: (commits) => {
              for (const commit of commits) {
                const job = { commit, addedAtMs: 0, attempts: 0, nextAttemptMs: 0 }
                jobs.set(commit.message.index, job)
              }
              return Promise.resolve()
            },
            acknowledge: (key, ack) => change(key, { ack }),
            postpone: (key, { nextAttemptMs }) =>
              change(key, { nextAttemptMs, attempts: (jobs.get(key.index)?.attempts ?? 0) + 1 }),
            ofObject: () => Promise.resolve([...jobs.values()]),
            pending: () =>
              Promise.resolve([...jobs.values()].filter(({ ack }) => ack === undefined)),
          },
        },
        sender: { send: (commit) => send(commit) },
        clock: time,
        timers: time,
        random: () => 1 - Number.EPSILON,
        logger: silentLogger,
      },
      { maxParallel, backoff: { startMs: 1_000, ceilingMs: 4_000 } },
    )
    made.subscribe((event) => {
      events.push(event)
    })
    return made
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 10; turn++) await setImmediate()
  }

  const unreachable = () => Promise.reject(new OrlopError('NODE_UNREACHABLE', 'away'))

  it('brings what it is given, and notes the Ack', async () => {
    await spreader.start()
    await spreader.add([commitOf(1, 2), commitOf(2, 3)])
    await settle()
    expect(events.map(({ kind }) => kind)).to.deep.equal(['acked', 'acked'])
    expect([...jobs.values()].every(({ ack }) => ack === ACK)).to.equal(true)
    expect(spreader.waiting).to.equal(0)
  })

  it('takes up, after a restart, what was not acknowledged', async () => {
    await spreader.add([commitOf(1, 2)])
    const later = create()
    await later.start()
    await settle()
    expect(jobs.get(1)?.ack).to.equal(ACK)
    await later.stop()
  })

  it('waits longer after each failure, up to a ceiling', async () => {
    send = unreachable
    await spreader.start()
    await spreader.add([commitOf(1, 2)])
    const delays: number[] = []
    for (let attempt = 0; attempt < 5; attempt++) {
      await settle()
      const delayMs = (jobs.get(1)?.nextAttemptMs ?? 0) - time.nowMs()
      delays.push(delayMs)
      time.advance(delayMs)
    }
    expect(delays).to.deep.equal([1_000, 2_000, 4_000, 4_000, 4_000])
    expect(events.map(({ kind }) => kind)).to.not.include('acked')
  })

  it('tries at once when the client asks', async () => {
    send = unreachable
    await spreader.start()
    await spreader.add([commitOf(1, 2)])
    await settle()
    send = () => Promise.resolve(ACK)
    spreader.hurry([{ objectId: OBJECT, clientId: 1, index: 1 }])
    await settle()
    expect(jobs.get(1)?.ack).to.equal(ACK)
  })

  it('has no more strips under way than allowed', async () => {
    let underWay = 0
    let most = 0
    send = async () => {
      underWay += 1
      most = Math.max(most, underWay)
      await setImmediate()
      underWay -= 1
      return ACK
    }
    await spreader.start()
    await spreader.add([1, 2, 3, 4, 5, 6].map((index) => commitOf(index, index + 1)))
    for (let turn = 0; turn < 10; turn++) await settle()
    expect(most).to.equal(2)
    expect(spreader.waiting).to.equal(0)
  })

  it('goes by the newest commit of a strip: the Ack of the former one does not end it', async () => {
    const former = Promise.withResolvers<SignedAck>()
    const asked: number[] = []
    send = ({ message }) => {
      asked.push(message.nodeId)
      return message.nodeId === 2 ? former.promise : unreachable()
    }
    await spreader.start()
    await spreader.add([commitOf(1, 2)])
    await settle()
    await spreader.add([commitOf(1, 5)])
    former.resolve(ACK)
    await settle()
    expect(asked).to.deep.equal([2, 5])
    expect(jobs.get(1)?.ack).to.equal(undefined)
    expect(spreader.waiting).to.equal(1)
  })

  it('lets go of what its client removed', async () => {
    removed = true
    await spreader.start()
    await spreader.add([commitOf(1, 2)])
    await settle()
    expect(spreader.waiting).to.equal(0)
    expect(events).to.deep.equal([])
  })
})
