import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ReplicaAnswer, ReplicaPlan, ReplicaTask } from './replica-child.ts'

const CHILD = fileURLToPath(new URL('./replica-child.ts', import.meta.url))

/** A replica did not do what it was asked: by the code of its error, or `REPLICA_GONE` when it died before it answered. */
export class ReplicaError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A replica of a centre in a process of its own. */
export class Replica {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, PromiseWithResolvers<ReplicaAnswer>>()
  #count = 0

  private constructor(process: ChildProcess) {
    this.#process = process
    process.on('message', (answer: ReplicaAnswer) => {
      this.#waiting.get(answer.number)?.resolve(answer)
      this.#waiting.delete(answer.number)
    })
    process.once('exit', () => {
      const gone = new ReplicaError('REPLICA_GONE', 'the replica died before it answered')
      for (const { reject } of this.#waiting.values()) reject(gone)
      this.#waiting.clear()
    })
  }

  /** Resolves when it is unsealed. @throws Error when it ends before. */
  static async start(plan: ReplicaPlan): Promise<Replica> {
    const process = fork(CHILD, { serialization: 'advanced' })
    process.send(plan)
    const ended = once(process, 'exit').then(() => {
      throw new Error('the replica ended while it started')
    })
    await Promise.race([once(process, 'message'), ended])
    ended.catch(() => undefined)
    return new Replica(process)
  }

  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** Has a task done. @throws ReplicaError */
  async ask(task: ReplicaTask): Promise<Extract<ReplicaAnswer, { release?: unknown }>> {
    if (!this.isAlive) throw new ReplicaError('REPLICA_GONE', 'the replica is dead')
    const number = ++this.#count
    const waiting = Promise.withResolvers<ReplicaAnswer>()
    this.#waiting.set(number, waiting)
    // One that dies meanwhile is told of by its end.
    this.#process.send({ number, task }, () => undefined)
    const answer = await waiting.promise
    if ('code' in answer) throw new ReplicaError(answer.code, answer.message)
    return answer
  }

  /** Ends it without warning. */
  async kill(): Promise<void> {
    if (!this.isAlive) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}
