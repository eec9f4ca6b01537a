import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import {
  COMMIT_FLAG_MOVABLE,
  type Commit,
  commitType,
  type SignedAck,
  type SignedCommit,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import { type CommitEvent, commitEvent } from '@orlop/protocol/wire/commit'
import type { ClientContext } from '../context.ts'
import { endedEarly, type NodeChannel } from '../network/node-network.ts'
import type { WireShare } from '../network/wire-meter.ts'
import { checkAck, checkReservation } from './check-promises.ts'
import { candidatesFor } from './choose-nodes.ts'
import type { SealedFacts, UploadRecord } from './upload-record.ts'

export interface CommitStripsRequest {
  readonly record: UploadRecord
  readonly sealed: SealedFacts
  readonly ingress: NodeRecord
  readonly share: WireShare
  readonly signal?: AbortSignal
}

/**
 * Signs every strip, hands commits and envelope to the ingress node and collects the nodes' acknowledgements. Calling it again
 * after a broken connection continues: what is committed stays committed.
 *
 * @returns the record, `stored` when every strip has its Ack, else `held`.
 * @throws OrlopError `SIGNATURE_INVALID` for a forged acknowledgement or reservation; `NODE_UNREACHABLE` when the connection breaks.
 */
export async function commitStrips(
  context: ClientContext,
  request: CommitStripsRequest,
): Promise<UploadRecord> {
  const { ingress, sealed, share, signal } = request
  const session = new CommitSession(context, request)
  await session.signAll()
  const options = signal === undefined ? {} : { signal }
  const channel = await context.network.open(ingress, 'commit', options)
  try {
    share.sent(await channel.send({ commits: session.record.commits, envelope: sealed.envelope }))
    context.events.emit({
      type: 'committed',
      objectName: formatObjectId(request.record.objectId),
      node: { nodeId: ingress.nodeId, name: ingress.name },
    })
    await session.follow(channel)
    await channel.close()
    return await session.finish()
  } catch (error) {
    channel.abort(error instanceof Error ? error : new Error('stopped'))
    throw error
  }
}

class CommitSession {
  readonly #context: ClientContext
  readonly #request: CommitStripsRequest
  record: UploadRecord

  constructor(context: ClientContext, request: CommitStripsRequest) {
    this.#context = context
    this.#request = request
    this.record = request.record
  }

  /** Commits are signed once and kept: the same strip at the same node always has the same commit. */
  async signAll(): Promise<void> {
    const { placement } = this.record
    if (placement === null || this.record.commits.length > 0) return
    const commits = placement.reservations.map((reservation) => this.#sign(reservation))
    await this.#keep({ ...this.record, commits })
  }

  async follow(channel: NodeChannel): Promise<void> {
    for (;;) {
      const event = await channel.receive(commitEvent)
      if (event === null) throw endedEarly(this.#request.ingress.nodeId, 'commit')
      if ('done' in event) return
      if ('ack' in event) await this.#takeAck(event.index, event.ack)
      else await this.#takeReplacement(channel, event.replaced)
    }
  }

  async finish(): Promise<UploadRecord> {
    const isStored = this.record.acks.length === this.record.commits.length
    await this.#keep({ ...this.record, state: isStored ? 'stored' : 'held' })
    return this.record
  }

  async #takeAck(index: number, ack: SignedAck): Promise<void> {
    const { deployment, directory, events } = this.#context
    const commit = this.#commitOf(index)
    const node = await directory.byId(commit.message.nodeId, this.#options())
    checkAck(deployment, ack, node, commit)
    if (this.record.acks.some(({ message }) => message.nodeId === node.nodeId)) return
    await this.#keep({ ...this.record, acks: [...this.record.acks, ack] })
    const objectName = formatObjectId(this.record.objectId)
    events.emit({ type: 'ack', objectName, index, node: { nodeId: node.nodeId, name: node.name } })
  }

  /** A node that went away is replaced with the client's agreement: by a node that the policy would have allowed too. */
  async #takeReplacement(
    channel: NodeChannel,
    { index, reservation }: Extract<CommitEvent, { replaced: unknown }>['replaced'],
  ): Promise<void> {
    const { directory, deployment, home, identity, events } = this.#context
    const former = this.#commitOf(index)
    const node = await directory.byId(reservation.message.nodeId, this.#options())
    checkReservation(deployment, reservation, node, {
      objectId: this.record.objectId,
      clientId: identity.clientId,
      index,
      maxBytes: former.message.streamBytes,
      nowMs: home.clockOffset.nowMs(),
    })
    await this.#assertAllowed(node, index)
    const commit = this.#sign(reservation)
    await this.#keep({
      ...this.record,
      commits: this.record.commits.map((one) => (one.message.index === index ? commit : one)),
      acks: this.record.acks.filter(({ message }) => message.nodeId !== former.message.nodeId),
    })
    const objectName = formatObjectId(this.record.objectId)
    const named = { nodeId: node.nodeId, name: node.name }
    events.emit({ type: 'replaced', objectName, index, node: named })
    this.#request.share.sent(await channel.send({ commit }))
  }

  async #assertAllowed(node: NodeRecord, index: number): Promise<void> {
    const others = this.record.commits.filter(({ message }) => message.index !== index)
    const taken = new Map(others.map(({ message }) => [message.nodeId, 'holds another strip']))
    const { candidates } = await candidatesFor(this.#context, {
      record: this.record,
      excluded: taken,
      ...this.#options(),
    })
    if (candidates.some((candidate) => candidate.node.nodeId === node.nodeId)) return
    throw new OrlopError(
      'NO_NODE_AVAILABLE',
      `The ingress node brought ${node.name} for strip ${index}, which the policy does not allow there. The object stays held until a fitting node is found.`,
      { details: { nodeId: node.nodeId, index } },
    )
  }

  #commitOf(index: number): SignedCommit {
    const commit = this.record.commits.find(({ message }) => message.index === index)
    if (commit !== undefined) return commit
    throw new OrlopError(
      'MALFORMED_MESSAGE',
      `Node ${this.#request.ingress.name} speaks of strip ${index}, which this object does not have.`,
      { details: { nodeId: this.#request.ingress.nodeId } },
    )
  }

  #sign({ message: reservation }: SignedReservation): SignedCommit {
    const { record } = this
    const { sealed } = this.#request
    const commit: Commit = {
      objectId: record.objectId,
      headerHash: sealed.headerHash,
      root: sealed.root,
      streamBytes: sealed.streamBytes,
      expiry: record.expiry,
      sequence: reservation.sequence,
      clientId: reservation.clientId,
      nodeId: reservation.nodeId,
      classCode: record.treatment.classCode,
      index: reservation.index,
      k: 1,
      m: record.treatment.copies - 1,
      level: record.treatment.level,
      flags: record.treatment.movable ? COMMIT_FLAG_MOVABLE : 0,
    }
    return this.#context.identity.sign(commitType, commit)
  }

  async #keep(record: UploadRecord): Promise<void> {
    this.record = record
    await this.#context.home.uploads.put(record)
  }

  #options(): { signal?: AbortSignal } {
    const { signal } = this.#request
    return signal === undefined ? {} : { signal }
  }
}
