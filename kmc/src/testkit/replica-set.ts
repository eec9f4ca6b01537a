import type { Replica } from './replica.ts'

/** Some replicas of one centre, of which any may be dead. */
export class ReplicaSet {
  readonly #start: () => Promise<Replica>
  readonly #replicas: (Replica | null)[]
  #turn = 0

  private constructor(start: () => Promise<Replica>, replicas: Replica[]) {
    this.#start = start
    this.#replicas = replicas
  }

  static async start(count: number, start: () => Promise<Replica>): Promise<ReplicaSet> {
    return new ReplicaSet(start, await Promise.all(Array.from({ length: count }, start)))
  }

  /** One that lives, by turns. At least one must. */
  next(): Replica {
    const living = this.#replicas.filter((replica) => replica?.isAlive === true)
    const replica = living[this.#turn++ % living.length]
    if (replica === undefined || replica === null) throw new TypeError('no replica lives')
    return replica
  }

  /** Ends one without warning. @param at - from 0. */
  async kill(at: number): Promise<void> {
    const replica = this.#replicas[at]
    this.#replicas[at] = null
    await replica?.kill()
  }

  /** Starts one anew in the place of one that was killed. Resolves when it is unsealed. */
  async restart(at: number): Promise<void> {
    this.#replicas[at] = await this.#start()
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#replicas.map((_, at) => this.kill(at)))
  }
}
