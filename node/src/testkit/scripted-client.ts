import { concat } from '@orlop/crypto/bytes'
import { encodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { encodeHeader, hashHeader } from '@orlop/crypto/format/header'
import { sha256 } from '@orlop/crypto/hash'
import { merkleRoot } from '@orlop/crypto/merkle'
import { registerClientType } from '@orlop/protocol/messages/identity'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import {
  type Commit,
  commitType,
  type Offer,
  offerType,
  type SignedAck,
  type SignedCommit,
  type SignedReservation,
} from '@orlop/protocol/messages/storing'
import {
  type Fields,
  type MessageOf,
  type MessageType,
  type Signed,
  signMessage,
} from '@orlop/protocol/typed-message'
import { progressFrame } from '@orlop/protocol/wire/common'
import { type CommitEvent, commitEvent } from '@orlop/protocol/wire/commit'
import { fetchDownstream, fetchHead } from '@orlop/protocol/wire/fetch'
import { decodeFrame, encodeFrame, type Verb } from '@orlop/protocol/wire/frame'
import { type OfferAnswer, offerAnswer } from '@orlop/protocol/wire/offer'
import { storeDownstream } from '@orlop/protocol/wire/store'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import type { MemoryLedger } from '@orlop/contracts/memory-ledger'
import type { MemoryNetwork } from '@orlop/transport/memory-network'
import { createMemoryTransport } from '@orlop/transport/memory-transport'
import type { FrameChannel, Peer, Transport } from '@orlop/transport/transport'
import type { z } from 'zod'
import type { StorageNode } from '../create-node.ts'
import { accountOf, keyOf } from './test-keys.ts'

/** Where a scripted client lives. */
export interface ClientWorld {
  readonly network: MemoryNetwork
  readonly ledger: MemoryLedger
}

/** An object as the scripted client stores it: its bytes count as sealed. */
export interface TestObject {
  objectId: Uint8Array
  bytes: Uint8Array
  copies: number
  expiry: number
}

const DATA_BYTES = 64 * 1024
const YEAR_SECONDS = 365 * 24 * 3600

/** A client that does exactly what a test tells it, well or badly. */
export class ScriptedClient {
  readonly name: string
  readonly account: string
  readonly transport: Transport
  clientId = 0
  role: 'client' | 'guest' = 'client'
  readonly #fleet: ClientWorld
  readonly #key: Uint8Array

  private constructor(
    name: string,
    fleet: ClientWorld,
    transport: (self: () => ScriptedClient) => Transport,
  ) {
    this.name = name
    this.account = accountOf(name)
    this.#fleet = fleet
    this.#key = keyOf(`${name} ledger`)
    this.transport = transport(() => this)
  }

  static async create({
    name,
    fleet,
  }: {
    name: string
    fleet: ClientWorld
  }): Promise<ScriptedClient> {
    const holder: { client: ScriptedClient | null } = { client: null }
    const transport = await createMemoryTransport({
      network: fleet.network,
      peerSeed: keyOf(`${name} peer`),
      admit: () => Promise.resolve(),
      self: () => {
        const client = present(holder.client)
        const { role } = client
        const id = role === 'guest' ? 0 : client.clientId
        const { deployment } = fleet.ledger
        return { role, id, signingKey: keyOf(`${name} ledger`), deployment }
      },
    })
    await transport.start()
    const client = new ScriptedClient(name, fleet, () => transport)
    holder.client = client
    return client
  }

  get registration() {
    return this.sign(registerClientType, {
      signer: this.account,
      recovery: accountOf(`${this.name} recovery`),
      openingKey: keyOf(`${this.name} opening`),
      imoNumber: 0,
      name: this.name,
    })
  }

  async register(): Promise<void> {
    const relay = new MemoryChainClient(this.#fleet.ledger, accountOf('any relay'))
    this.clientId = await relay.registerClient(this.registration)
  }

  async stop(): Promise<void> {
    await this.transport.stop()
  }

  sign<F extends Fields>(type: MessageType<F>, message: MessageOf<F>): Signed<MessageOf<F>> {
    return signMessage(type, this.#fleet.ledger.deployment, message, this.#key)
  }

  connect(node: StorageNode): Promise<Peer> {
    return this.transport.dial({ peerId: node.peerId, addresses: node.addresses })
  }

  async open(node: StorageNode, verb: Verb): Promise<FrameChannel> {
    return (await this.connect(node)).open(verb)
  }

  /** One frame each way. */
  async ask<T>(
    node: StorageNode,
    verb: Verb,
    { request, answer }: { request: object; answer: z.ZodType<T> },
  ): Promise<T> {
    const channel = await this.open(node, verb)
    await channel.send(encodeFrame(request))
    const value = await next(channel, answer)
    await channel.close()
    return value
  }

  /** An object of `lengthBytes` bytes that look random. */
  object(label: string, lengthBytes: number, copies = 3): TestObject {
    const bytes = new Uint8Array(lengthBytes)
    for (let at = 0, block = sha256(keyOf(label)); at < lengthBytes; at += block.length) {
      bytes.set(block.subarray(0, lengthBytes - at), at)
      block = sha256(block)
    }
    const expiry = Math.floor(Date.now() / 1000) + YEAR_SECONDS
    return { objectId: keyOf(`object ${label}`), bytes, copies, expiry }
  }

  offerOf(object: TestObject, nodes: readonly StorageNode[], changes: Partial<Offer> = {}) {
    const [ingress, ...proposed] = nodes.map(({ nodeId }) => nodeId)
    return this.sign(offerType, {
      objectId: object.objectId,
      clientId: this.clientId,
      nodeId: present(ingress),
      requestTimeMs: Date.now(),
      maxBytes: object.bytes.length,
      k: 1,
      m: object.copies - 1,
      classCode: 0,
      expiry: object.expiry,
      proposedNodeIds: proposed,
      ...changes,
    })
  }

  offer(
    object: TestObject,
    nodes: readonly StorageNode[],
    changes: Partial<Offer> = {},
  ): Promise<OfferAnswer> {
    const request = { offer: this.offerOf(object, nodes, changes) }
    return this.ask(present(nodes[0]), 'offer', { request, answer: offerAnswer })
  }

  /** Reservations of every strip. */
  async reserve(object: TestObject, nodes: readonly StorageNode[]): Promise<SignedReservation[]> {
    const answer = await this.offer(object, nodes)
    if ('refusal' in answer) throw new Error(`refused: ${answer.refusal.message.reasonCode}`)
    return answer.reservations
  }

  /** Sends the whole object and gives the node's root. */
  async store(object: TestObject, node: StorageNode): Promise<Uint8Array> {
    const channel = await this.open(node, 'store')
    const { objectId, bytes } = object
    await channel.send(encodeFrame({ objectId, clientId: this.clientId, index: 0 }))
    const { durableBytes } = await next(channel, progressFrame)
    for (let at = durableBytes; at < bytes.length; at += DATA_BYTES) {
      await channel.send(encodeFrame({ data: bytes.subarray(at, at + DATA_BYTES) }))
    }
    await channel.send(encodeFrame({ endBytes: bytes.length }))
    for (;;) {
      const frame = await next(channel, storeDownstream)
      if (!('root' in frame)) continue
      await channel.close()
      return frame.root
    }
  }

  headerOf(object: TestObject): Uint8Array {
    return encodeHeader({
      objectId: object.objectId,
      suite: 'aes-256-gcm',
      level: 1,
      chaosProfile: 'none',
      chunkBytes: 4 * 1024 * 1024,
      k: 1,
      m: object.copies - 1,
      stripeShareBytes: 64 * 1024,
      salt: keyOf('salt'),
      commitment: keyOf('commitment'),
    })
  }

  /** @param mark - makes envelopes of one version differ. */
  envelopeOf(object: TestObject, version = 1, mark = 'plain'): Uint8Array {
    const unsigned = {
      headerBytes: this.headerOf(object),
      version,
      previousHash: new Uint8Array(32),
      stanzas: [],
      manifestSalt: keyOf(`manifest salt ${mark}`),
      sealedManifest: keyOf('manifest'),
    }
    const { signature } = this.sign(envelopeUpdateType, {
      objectId: object.objectId,
      clientId: this.clientId,
      version,
      envelopeHash: hashEnvelope(unsigned),
    })
    return encodeEnvelope({ ...unsigned, signature })
  }

  commitOf(
    object: TestObject,
    { message: reservation }: SignedReservation,
    changes: Partial<Commit> = {},
  ): SignedCommit {
    return this.sign(commitType, {
      objectId: object.objectId,
      headerHash: hashHeader(this.headerOf(object)),
      root: merkleRoot(object.bytes),
      streamBytes: object.bytes.length,
      expiry: object.expiry,
      sequence: reservation.sequence,
      clientId: this.clientId,
      nodeId: reservation.nodeId,
      classCode: 0,
      index: reservation.index,
      k: 1,
      m: object.copies - 1,
      level: 1,
      flags: 0,
      ...changes,
    })
  }

  /** Commits and follows to the end, signing for substitutes. */
  async commit(
    object: TestObject,
    node: StorageNode,
    commits: readonly SignedCommit[],
  ): Promise<{ acks: Map<number, SignedAck>; done: string; commits: SignedCommit[] }> {
    const channel = await this.open(node, 'commit')
    const current = [...commits]
    await channel.send(encodeFrame({ commits: current, envelope: this.envelopeOf(object) }))
    const acks = new Map<number, SignedAck>()
    for (;;) {
      const event: CommitEvent = await next(channel, commitEvent)
      if ('done' in event) {
        await channel.close()
        return { acks, done: event.done, commits: current }
      }
      if ('ack' in event) acks.set(event.index, event.ack)
      else {
        const commit = this.commitOf(object, event.replaced.reservation)
        const place = current.findIndex(({ message }) => message.index === commit.message.index)
        current[place] = commit
        await channel.send(encodeFrame({ commit }))
      }
    }
  }

  /** Offer, store and commit; gives the commits that hold in the end. */
  async put(object: TestObject, nodes: readonly StorageNode[]) {
    const reservations = await this.reserve(object, nodes)
    const ingress = present(nodes[0])
    await this.store(object, ingress)
    const commits = reservations.map((reservation) => this.commitOf(object, reservation))
    return this.commit(object, ingress, commits)
  }

  /** A range of one strip. */
  async fetch(
    object: TestObject,
    node: StorageNode,
    range: { index: number; offsetBytes?: number; lengthBytes?: number; ownerId?: number },
  ): Promise<Uint8Array> {
    const { index, offsetBytes = 0, lengthBytes = object.bytes.length } = range
    const clientId = range.ownerId ?? this.clientId
    const channel = await this.open(node, 'fetch')
    const key = { objectId: object.objectId, clientId, index }
    await channel.send(encodeFrame({ ...key, offsetBytes, lengthBytes }))
    await next(channel, fetchHead)
    const pieces: Uint8Array[] = []
    for (;;) {
      const frame = await next(channel, fetchDownstream)
      if ('endBytes' in frame) {
        await channel.close()
        const whole = concat(...pieces)
        if (whole.length !== frame.endBytes) throw new Error('the range is not whole')
        return whole
      }
      pieces.push(frame.data)
    }
  }
}

/** The next frame of a channel. */
export async function next<T>(channel: FrameChannel, schema: z.ZodType<T>): Promise<T> {
  const frame = await channel.receive()
  if (frame === null) throw new Error('the node ended the stream')
  return decodeFrame(schema, frame)
}

/** A value that the test put there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new TypeError('test: expected a value')
  return value
}
