import { equalConstantTime } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError, RemoteError } from '@orlop/protocol/errors'
import {
  ackType,
  commitType,
  type SignedAck,
  type SignedCommit,
} from '@orlop/protocol/messages/storing'
import { assertSignedBy, digestOf } from '@orlop/protocol/typed-message'
import { stripDownstream } from '@orlop/protocol/wire/spread'
import type { CallOptions, FrameChannel } from '@orlop/transport/transport'
import type { NodeStorage } from '../storage/interfaces.ts'
import { stripKeyOf } from '../storage/strip-key.ts'
import { describeStrip } from '../storage/strip-name.ts'
import type { NodeDialer } from './node-dialer.ts'
import { receiveValue, sendData, sendValue } from './wire.ts'

export interface StripSenderParts {
  storage: Pick<NodeStorage, 'strips' | 'envelopes'>
  dialer: NodeDialer
  deployment: Deployment
}

/** Brings one strip from this node's disk to the node that its commit names. */
export class StripSender {
  readonly #parts: StripSenderParts

  constructor(parts: StripSenderParts) {
    this.#parts = parts
  }

  /**
   * Sends what the target does not have yet.
   *
   * @returns the target's Ack, checked.
   * @throws OrlopError `OBJECT_NOT_FOUND` when this node does not have the object (any more); as the target answers.
   */
  async send(commit: SignedCommit, options: CallOptions = {}): Promise<SignedAck> {
    const { envelopes } = this.#parts.storage
    const held = await envelopes.find(commit.message)
    if (held === null) throw gone(commit)
    const channel = await this.#parts.dialer.open(commit.message.nodeId, 'spread', options)
    try {
      await sendValue(channel, { strip: { commit, envelope: held.envelope } }, options)
      const first = await receiveValue(channel, stripDownstream, options)
      const ack =
        'ack' in first ? first.ack : await this.#transfer(channel, commit, first.durableBytes)
      await this.#assertAcks(commit, ack)
      await channel.close()
      return ack
    } catch (error) {
      channel.abort(asError(error))
      throw error
    }
  }

  async #transfer(
    channel: FrameChannel,
    commit: SignedCommit,
    fromBytes: number,
  ): Promise<SignedAck> {
    const acked = receiveAck(channel)
    const sending = this.#sendFrom(channel, commit, fromBytes)
    // Whichever breaks off ends the other; a channel that is cut ends both by itself, after what the target still said.
    acked.catch((error: unknown) => {
      channel.abort(asError(error))
    })
    sending.catch((error: unknown) => {
      if (!isOrlopError(error, 'NODE_UNREACHABLE')) channel.abort(asError(error))
    })
    const [ack, sent] = await Promise.allSettled([acked, sending])
    if (ack.status === 'fulfilled') return ack.value
    const isOurs = sent.status === 'rejected' && !(ack.reason instanceof RemoteError)
    throw isOurs ? asError(sent.reason) : asError(ack.reason)
  }

  async #sendFrom(channel: FrameChannel, commit: SignedCommit, fromBytes: number): Promise<void> {
    const { strips } = this.#parts.storage
    // With k = 1 every strip is the stream, so any strip of the object here will do.
    const [own] = await strips.ofObject(commit.message)
    if (own === undefined) throw gone(commit)
    const { reader } = await strips.openReader(stripKeyOf(own.commit.message))
    try {
      for await (const data of reader.read(fromBytes, reader.stripBytes - fromBytes)) {
        await sendData(channel, data)
      }
      await sendValue(channel, { endBytes: reader.stripBytes })
    } finally {
      await reader.close()
    }
  }

  async #assertAcks(commit: SignedCommit, ack: SignedAck): Promise<void> {
    const { deployment, dialer } = this.#parts
    const { nodeId } = commit.message
    const commitHash = digestOf(commitType, deployment, commit.message)
    if (ack.message.nodeId !== nodeId || !equalConstantTime(ack.message.commitHash, commitHash)) {
      throw new OrlopError(
        'SIGNATURE_INVALID',
        `Node ${nodeId} acknowledged something else than ${describeStrip(commit.message)}. Tell its operator.`,
      )
    }
    assertSignedBy(ackType, deployment, ack, await dialer.accountOf(nodeId))
  }
}

async function receiveAck(channel: FrameChannel): Promise<SignedAck> {
  for (;;) {
    const frame = await receiveValue(channel, stripDownstream)
    if ('ack' in frame) return frame.ack
  }
}

function gone(commit: SignedCommit): OrlopError {
  return new OrlopError(
    'OBJECT_NOT_FOUND',
    `${describeStrip(commit.message)} cannot be spread: this node does not have the object any more.`,
  )
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('stopped')
}
