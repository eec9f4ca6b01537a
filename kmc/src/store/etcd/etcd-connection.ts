import { setTimeout as delay } from 'node:timers/promises'
import { type ClientDuplexStream, Metadata } from '@grpc/grpc-js'
import type * as z from 'zod'
import type { Clock } from '@orlop/protocol/clock'
import { KmcError } from '../../kmc-error.ts'
import { storeClosed } from '../key-store.ts'
import { headerSchema } from './answers.ts'
import { EtcdFailure } from './etcd-failure.ts'
import { type EtcdMember, etcdMembers, type EtcdTls } from './etcd-members.ts'
import { ETCD, type EtcdMethod } from './services.ts'

/** What {@link EtcdConnection} needs. */
export interface EtcdConnectionOptions {
  readonly urls: readonly string[]
  readonly tls: EtcdTls | undefined
  /** Longest time for one call, all members that are tried included. */
  readonly timeoutMs: number
  /** Longest time for one member to answer. */
  readonly attemptTimeoutMs: number
  readonly clock: Clock
  /** The cluster that it must be; undefined to take the one that answers first. */
  readonly clusterId: string | undefined
}

export type WatchStream = ClientDuplexStream<object, object>

const SHORTEST_PAUSE_MS = 25
const LONGEST_PAUSE_MS = 500

/** Calls one member of a cluster after the other, until one answers. */
export class EtcdConnection {
  readonly #members: readonly EtcdMember[]
  readonly #options: EtcdConnectionOptions
  #at = 0
  #clusterId: string | undefined
  #isClosed = false

  /** @throws RangeError, TypeError as {@link etcdMembers}. */
  constructor(options: EtcdConnectionOptions) {
    this.#options = options
    this.#members = etcdMembers(options.urls, options.tls)
    this.#clusterId = options.clusterId
  }

  /** The cluster's number, once a member has answered. */
  get clusterId(): string | undefined {
    return this.#clusterId
  }

  /**
   * Calls, at other members too when one does not answer: only what may be carried out twice, or prevents that itself.
   *
   * @throws EtcdFailure whose `mayBeDone` is about all tries; KmcError `STORE_WRONG_CLUSTER`, `STORE_CLOSED`.
   */
  async call<T extends z.ZodType>(
    method: EtcdMethod,
    request: object,
    schema: T,
  ): Promise<z.infer<T>> {
    const { clock, timeoutMs, attemptTimeoutMs } = this.#options
    const endMs = clock.monotonicMs() + timeoutMs
    let failure: EtcdFailure | null = null
    for (let tries = 1; ; tries++) {
      const member = this.#member
      try {
        const leftMs = Math.min(endMs - clock.monotonicMs(), attemptTimeoutMs)
        return schema.parse(await this.#callOne(member, { method, request, timeoutMs: leftMs }))
      } catch (error) {
        if (!(error instanceof EtcdFailure)) throw error
        failure = error.after(failure)
        this.#leave(member)
        const isRound = tries % this.#members.length === 0
        const pauseMs = isRound ? pauseAfter(tries) : 0
        const isLate = clock.monotonicMs() + pauseMs >= endMs
        // One member's certificate may be the only wrong one.
        const isFinal = !error.isTransient && (error.kind !== 'refused' || isRound)
        if (isFinal || isLate) throw failure
        await delay(pauseMs)
      }
    }
  }

  /** Calls every member by turns, which may take it twice. @throws EtcdFailure of the first that does not answer. */
  async callEach(method: EtcdMethod, request: object, timeoutMs: number): Promise<void> {
    for (const member of this.#members) await this.#insist(member, { method, request, timeoutMs })
  }

  /** A stream of events from one member, which ends it when it loses its leader. */
  openWatch(): { readonly member: string; readonly stream: WatchStream } {
    this.#assertOpen()
    const { name, client } = this.#member
    const { path, requestSerialize, responseDeserialize } = ETCD.watch
    const stream = client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      withLeader(),
    )
    return { member: name, stream }
  }

  /** Goes on with another member than this one. */
  leave(name: string): void {
    if (this.#member.name === name) this.#leave(this.#member)
  }

  /** Takes an answer only from the one cluster. @throws KmcError `STORE_WRONG_CLUSTER` */
  checkCluster(member: string, answer: object): void {
    const clusterId = headerSchema.parse(answer).header?.cluster_id
    this.#clusterId ??= clusterId
    if (clusterId === undefined || clusterId === this.#clusterId) return
    this.leave(member)
    throw new KmcError(
      'STORE_WRONG_CLUSTER',
      `The member of etcd at ${member} belongs to the cluster ${clusterId}; this centre keeps its keys in ${this.#clusterId ?? 'none'}. Correct the URLs; if the cluster was restored from a snapshot on purpose, tell the centre its new number.`,
      { details: { member, clusterId, expected: this.#clusterId ?? '' } },
    )
  }

  close(): void {
    this.#isClosed = true
    for (const { client } of this.#members) client.close()
  }

  get #member(): EtcdMember {
    const member = this.#members[this.#at % this.#members.length]
    if (member === undefined) throw new TypeError('there is at least one member')
    return member
  }

  #leave(member: EtcdMember): void {
    // Others may have left it already.
    if (member === this.#member) this.#at += 1
  }

  async #callOne(member: EtcdMember, call: EtcdCall): Promise<object> {
    this.#assertOpen()
    const answer = await unary(member, call)
    this.checkCluster(member.name, answer)
    return answer
  }

  /** Calls a member again that does not answer, as one does that was just started. */
  async #insist(member: EtcdMember, call: EtcdCall): Promise<void> {
    const { clock, timeoutMs } = this.#options
    const endMs = clock.monotonicMs() + timeoutMs
    for (let tries = 1; ; tries++) {
      try {
        await this.#callOne(member, call)
        return
      } catch (error) {
        const pauseMs = pauseAfter(tries)
        const isLate = clock.monotonicMs() + pauseMs >= endMs
        if (!(error instanceof EtcdFailure) || !error.isTransient || isLate) throw error
        await delay(pauseMs)
      }
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw storeClosed()
  }
}

interface EtcdCall {
  readonly method: EtcdMethod
  readonly request: object
  readonly timeoutMs: number
}

function unary({ name, client }: EtcdMember, call: EtcdCall): Promise<object> {
  const { path, requestSerialize, responseDeserialize } = call.method
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      call.request,
      withLeader(),
      { deadline: Date.now() + call.timeoutMs },
      (error, answer) => {
        if (error !== null) reject(EtcdFailure.of(name, error))
        else if (answer === undefined) reject(new TypeError('an answer without a message'))
        else resolve(answer)
      },
    )
  })
}

/** Has a member without a leader say so at once, and end streams when it loses its own. */
function withLeader(): Metadata {
  const metadata = new Metadata()
  metadata.set('hasleader', 'true')
  return metadata
}

function pauseAfter(tries: number): number {
  return Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** Math.min(tries, 8))
}
