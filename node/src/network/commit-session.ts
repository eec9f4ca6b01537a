import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { SignedCommit, SignedOffer, SignedReservation } from '@orlop/protocol/messages/storing'
import { commitFurther } from '@orlop/protocol/wire/commit'
import type { FrameChannel } from '@orlop/transport/transport'
import { ChangeSignal } from '@orlop/transport/change-signal'
import { assertCommitSigned, assertSameObject } from './commit-check.ts'
import type { NodeParts } from './node-parts.ts'
import { reserveElsewhere } from './reserve-elsewhere.ts'
import type { SpreadEvent } from './spreader.ts'
import { receiveNext, sendValue } from './wire.ts'

export interface CommitSessionOptions {
  channel: FrameChannel
  /** One commit for each strip, checked. */
  commits: SignedCommit[]
  /** With it other nodes can be asked; null when it is not known any more. */
  offer: SignedOffer | null
}

/** Attempts at a node that does not answer before another is asked. */
const ATTEMPTS_BEFORE_REPLACING = 2

/** One client that waits, on its commit stream, for its strips to arrive: passes Acks on and has gone nodes replaced. */
export class CommitSession {
  readonly #parts: NodeParts
  readonly #channel: FrameChannel
  readonly #offer: SignedOffer | null
  /** By strip: the commit whose Ack is awaited. */
  readonly #waiting = new Map<number, SignedCommit>()
  /** Strips for which no further node was found. */
  readonly #stuck = new Set<number>()
  readonly #usedNodeIds: Set<number>
  readonly #events: SpreadEvent[] = []
  readonly #changed = new ChangeSignal()
  #clientFailure: Error | null = null
  #incoming: Promise<SignedCommit> | null = null

  constructor(parts: NodeParts, { channel, commits, offer }: CommitSessionOptions) {
    this.#parts = parts
    this.#channel = channel
    this.#offer = offer
    this.#usedNodeIds = new Set(commits.map(({ message }) => message.nodeId))
    for (const commit of commits) this.#waiting.set(commit.message.index, commit)
  }

  /** Ends when every strip has its Ack (`stored`), or those left have to wait for a node (`held`). */
  async follow(): Promise<void> {
    const { spreader, storage } = this.#parts
    const unsubscribe = spreader.subscribe((event) => {
      this.#events.push(event)
      this.#changed.notify()
    })
    try {
      const first = this.#waiting.values().next().value
      if (first !== undefined) {
        for (const { commit, ack } of await storage.spreads.ofObject(first.message)) {
          if (ack !== undefined) await this.#take({ kind: 'acked', commit, ack })
        }
        spreader.hurry([...this.#waiting.values()].map(({ message }) => message))
      }
      await this.#followEvents()
    } finally {
      unsubscribe()
    }
  }

  async #followEvents(): Promise<void> {
    this.#watchClient()
    while ([...this.#waiting.keys()].some((index) => !this.#stuck.has(index))) {
      if (this.#clientFailure !== null) throw this.#clientFailure
      const event = this.#events.shift()
      if (event === undefined) await this.#changed.wait()
      else await this.#take(event)
    }
    await sendValue(this.#channel, { done: this.#waiting.size === 0 ? 'stored' : 'held' })
  }

  async #take(event: SpreadEvent): Promise<void> {
    const { index } = event.commit.message
    const awaited = this.#waiting.get(index)
    if (awaited === undefined || !isSameCommit(awaited, event.commit)) return
    if (event.kind === 'acked') {
      await sendValue(this.#channel, { index, ack: event.ack })
      this.#waiting.delete(index)
    } else if (isGone(event)) {
      await this.#replace(awaited)
    }
  }

  /** Has another node reserve the strip and the client sign for it. */
  async #replace(former: SignedCommit): Promise<void> {
    const { index } = former.message
    const reservation = await this.#reserveElsewhere(former)
    if (reservation === null) {
      this.#stuck.add(index)
      return
    }
    await sendValue(this.#channel, { replaced: { index, reservation } })
    const commit = await this.#nextFurther()
    assertIsReplacement(former, commit, reservation)
    await assertCommitSigned(this.#parts.ledger, commit)
    this.#waiting.set(index, commit)
    await this.#parts.spreader.add([commit], this.#offer ?? undefined)
  }

  async #reserveElsewhere(former: SignedCommit): Promise<SignedReservation | null> {
    if (this.#offer === null) return null
    const { message } = former
    const request = { offer: this.#offer, index: message.index, instead: message.nodeId }
    return reserveElsewhere(this.#parts, request, this.#usedNodeIds)
  }

  /** One read is always open: it brings the client's further commits and notices when it goes. */
  #watchClient(): void {
    const reading = receiveNext(this.#channel, commitFurther).then((frame) => {
      if (frame !== null) return frame.commit
      throw new OrlopError('NODE_UNREACHABLE', 'The client ended its commit stream.')
    })
    reading.catch((error: unknown) => {
      this.#clientFailure = error instanceof Error ? error : new Error('the client went away')
      this.#changed.notify()
    })
    this.#incoming = reading
  }

  async #nextFurther(): Promise<SignedCommit> {
    if (this.#incoming === null) this.#watchClient()
    const incoming = this.#incoming
    if (incoming === null) throw new TypeError('commit session: expected an open read')
    const commit = await incoming
    this.#watchClient()
    return commit
  }
}

function isSameCommit(one: SignedCommit, other: SignedCommit): boolean {
  return (
    one.message.nodeId === other.message.nodeId &&
    one.message.sequence === other.message.sequence &&
    one.message.objectId.every((byte, at) => byte === other.message.objectId[at]) &&
    one.message.clientId === other.message.clientId
  )
}

/** Whether waiting for that node is no use: it does not answer, or answers that it will not take the strip. */
function isGone({ error, attempts }: Extract<SpreadEvent, { kind: 'failed' }>): boolean {
  const mayPass = error.isRetryable && !isOrlopError(error, 'RESERVATION_UNKNOWN')
  return !mayPass || attempts >= ATTEMPTS_BEFORE_REPLACING
}

function assertIsReplacement(
  former: SignedCommit,
  commit: SignedCommit,
  { message: reservation }: SignedReservation,
): void {
  assertSameObject(former.message, commit.message)
  const isForReservation =
    commit.message.index === reservation.index &&
    commit.message.nodeId === reservation.nodeId &&
    commit.message.sequence === reservation.sequence
  if (isForReservation) return
  throw new OrlopError(
    'COMMIT_INVALID',
    `The further commit of strip ${reservation.index} is not for the node that replaces the one that went. Sign what the reservation says.`,
  )
}
