import { expect } from 'chai'
import { silentLogger } from '@orlop/protocol/logger'
import { LedgerFollower } from './ledger-follower.ts'

interface Question {
  objectId: string
  signal: AbortSignal
  answer: () => void
  fail: () => void
}

/** A follower whose questions are answered, and whose turns are ended, by hand. */
function setup(atOnce: number) {
  const questions: Question[] = []
  const turns: (() => void)[] = []
  let onAsked: (() => void) | null = null
  const follower = new LedgerFollower(
    {
      logger: silentLogger,
      awaitRecorded: (objectId, signal) =>
        new Promise((resolve, reject) => {
          const fail = () => {
            reject(new Error('no answer'))
          }
          signal.addEventListener('abort', fail)
          questions.push({ objectId, signal, answer: resolve, fail })
          onAsked?.()
        }),
      pause: (durationMs, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve()
          })
          if (durationMs === 1) resolve()
          else turns.push(resolve)
        }),
    },
    { atOnce, turnMs: 1_000, retryMs: 1 },
  )
  const untilAsked = (count: number) =>
    new Promise<void>((resolve) => {
      onAsked = () => {
        if (questions.length >= count) resolve()
      }
      onAsked()
    })
  const asked = () => questions.map(({ objectId }) => objectId)
  return { follower, questions, turns, untilAsked, asked }
}

describe('following objects to the ledger', () => {
  it('asks about few at a time, and tells once when one is there', async () => {
    const { follower, questions, untilAsked, asked } = setup(2)
    const recorded: string[] = []
    for (const id of ['a', 'b', 'c']) {
      follower.follow(id, () => Promise.resolve(recorded.push(id)))
    }
    expect(asked()).to.deep.equal(['a', 'b'])
    questions[1]!.answer()
    await untilAsked(3)
    expect(asked()).to.deep.equal(['a', 'b', 'c'])
    expect(recorded).to.deep.equal(['b'])
    await follower.stop()
  })

  it('asks again after a failure', async () => {
    const { follower, questions, untilAsked, asked } = setup(1)
    let isRecorded = false
    follower.follow('a', () => Promise.resolve((isRecorded = true)))
    questions[0]!.fail()
    await untilAsked(2)
    expect(asked()).to.deep.equal(['a', 'a'])
    expect(isRecorded).to.equal(false)
    await follower.stop()
  })

  it('lets others have their turn when an object does not come', async () => {
    const { follower, turns, untilAsked, asked } = setup(1)
    follower.follow('withheld', () => Promise.resolve())
    follower.follow('other', () => Promise.resolve())
    turns[0]!()
    await untilAsked(2)
    turns[1]!()
    await untilAsked(3)
    expect(asked()).to.deep.equal(['withheld', 'other', 'withheld'])
    await follower.stop()
  })

  it('stops while it asks', async () => {
    const { follower, questions } = setup(1)
    follower.follow('a', () => Promise.reject(new Error('told of what was not recorded')))
    await follower.stop()
    expect(questions[0]!.signal.aborted).to.equal(true)
  })
})
