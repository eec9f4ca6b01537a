import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import {
  refusalType,
  reservationType,
  type SignedOffer,
  type SignedRefusal,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import { assertSignedBy } from '@orlop/protocol/typed-message'
import { equalConstantTime } from '@orlop/crypto/bytes'
import { type ReserveAnswer, releaseAnswer, reserveAnswer } from '@orlop/protocol/wire/spread'
import { nodeStatus } from '@orlop/protocol/wire/status'
import type { CallOptions, FrameChannel, Peer, Transport } from '@orlop/transport/transport'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { z } from 'zod'
import type { StripKey } from '../storage/interfaces.ts'
import type { LedgerView } from './ledger-view.ts'
import { receiveValue, sendValue } from './wire.ts'

export interface NodeDialerParts {
  transport: Transport
  ledger: LedgerView
  deployment: Deployment
}

/** Other nodes as this node talks to them: found in the registry, known by their ledger account. */
export class NodeDialer {
  readonly #parts: NodeDialerParts

  constructor(parts: NodeDialerParts) {
    this.#parts = parts
  }

  /**
   * Connects to a node, or gives the open connection. Addresses that lead nowhere are looked up anew once.
   *
   * @throws OrlopError `NODE_UNREACHABLE`, and `NOT_ADMITTED` when the ledger has no such node.
   */
  async connect(nodeId: number, options: CallOptions = {}): Promise<Peer> {
    const record = await this.#recordOf(nodeId)
    try {
      return await this.#dial(record, options)
    } catch (error) {
      if (!isOrlopError(error, 'NODE_UNREACHABLE')) throw error
      const later = await this.#recordOf(nodeId, true)
      const isSame = later.peerId === record.peerId && sameAddresses(later, record)
      if (isSame) throw error
      return this.#dial(later, options)
    }
  }

  /** Opens a stream; close or abort it. */
  async open(nodeId: number, verb: Verb, options: CallOptions = {}): Promise<FrameChannel> {
    const peer = await this.connect(nodeId, options)
    return peer.open(verb, options)
  }

  /**
   * Asks a node to reserve a strip of the client's own offer.
   *
   * @returns its signed word, checked.
   * @throws OrlopError `SIGNATURE_INVALID` when it answers about something else.
   */
  async reserve(
    nodeId: number,
    request: { offer: SignedOffer; index: number },
    options: CallOptions = {},
  ): Promise<ReserveAnswer> {
    const asked = { verb: 'spread', request: { reserve: request }, answer: reserveAnswer } as const
    const answer = await this.#ask(nodeId, asked, options)
    await this.#assertAnswers(nodeId, request, answer)
    return answer
  }

  /** Gives a reservation at a node back. */
  async release(nodeId: number, key: StripKey, options: CallOptions = {}): Promise<boolean> {
    const request = { release: key }
    const asked = { verb: 'spread', request, answer: releaseAnswer } as const
    return (await this.#ask(nodeId, asked, options)).released
  }

  /** Whether a node answers: by its own account of itself. */
  async greet(nodeId: number, options: CallOptions = {}): Promise<void> {
    const asked = { verb: 'status', request: { node: true }, answer: nodeStatus } as const
    await this.#ask(nodeId, asked, options)
  }

  /** The account that signs what a node promises. */
  async accountOf(nodeId: number): Promise<string> {
    return (await this.#recordOf(nodeId)).account
  }

  async #ask<T>(
    nodeId: number,
    asked: { verb: Verb; request: object; answer: z.ZodType<T> },
    options: CallOptions,
  ): Promise<T> {
    const channel = await this.open(nodeId, asked.verb, options)
    try {
      await sendValue(channel, asked.request, options)
      const answer = await receiveValue(channel, asked.answer, options)
      await channel.close()
      return answer
    } catch (error) {
      channel.abort(error instanceof Error ? error : new Error('stopped'))
      throw error
    }
  }

  async #recordOf(nodeId: number, isFresh = false): Promise<NodeRecord> {
    const record = await this.#parts.ledger.node(nodeId, isFresh)
    if (record !== null) return record
    throw new OrlopError(
      'NOT_ADMITTED',
      `The ledger has no node ${nodeId}. Propose nodes of this ledger only.`,
    )
  }

  async #dial(record: NodeRecord, options: CallOptions): Promise<Peer> {
    const { peerId, addresses, nodeId, account } = record
    const peer = await this.#parts.transport.dial({ peerId, addresses }, options)
    const { role, id } = peer.identity
    if (role === 'node' && id === nodeId && peer.identity.account === account) return peer
    await peer.close()
    throw new OrlopError(
      'NODE_UNREACHABLE',
      `At the addresses of node ${nodeId} answers ${role} ${id}, not that node. Its operator must update its addresses.`,
    )
  }

  async #assertAnswers(
    nodeId: number,
    { offer, index }: { offer: SignedOffer; index: number },
    answer: ReserveAnswer,
  ): Promise<void> {
    const account = await this.accountOf(nodeId)
    const { deployment } = this.#parts
    const asked = { nodeId, index, offer }
    if ('reservation' in answer) {
      if (!isReservationOf(asked, answer.reservation)) throw answersElse(nodeId)
      assertSignedBy(reservationType, deployment, answer.reservation, account)
    } else {
      if (!isRefusalOf(asked, answer.refusal)) throw answersElse(nodeId)
      assertSignedBy(refusalType, deployment, answer.refusal, account)
    }
  }
}

interface Asked {
  nodeId: number
  index: number
  offer: SignedOffer
}

function isReservationOf(asked: Asked, { message }: SignedReservation): boolean {
  const { objectId, clientId, maxBytes } = asked.offer.message
  return (
    message.nodeId === asked.nodeId &&
    message.index === asked.index &&
    message.clientId === clientId &&
    message.maxBytes >= maxBytes &&
    equalConstantTime(message.objectId, objectId)
  )
}

function isRefusalOf(asked: Asked, { message }: SignedRefusal): boolean {
  const { objectId, clientId, requestTimeMs } = asked.offer.message
  return (
    message.nodeId === asked.nodeId &&
    message.clientId === clientId &&
    message.requestTimeMs === requestTimeMs &&
    equalConstantTime(message.objectId, objectId)
  )
}

function answersElse(nodeId: number): OrlopError {
  return new OrlopError(
    'SIGNATURE_INVALID',
    `Node ${nodeId} answered about something else than it was asked. Another node will be asked; tell its operator.`,
  )
}

function sameAddresses(one: NodeRecord, other: NodeRecord): boolean {
  return one.addresses.join(' ') === other.addresses.join(' ')
}
