import { equalConstantTime } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerFilter } from '@orlop/protocol/ledger'
import { registerClientType, rotateSignerType } from '@orlop/protocol/messages/identity'
import { envelopeUpdateType, ratingType, type SignedRating } from '@orlop/protocol/messages/keeping'
import { ackType, commitType } from '@orlop/protocol/messages/storing'
import { assertSignedBy, digestOf } from '@orlop/protocol/typed-message'
import {
  RELAY_PAGE_RECORDS,
  type RelayedReceipt,
  type RelayRequest,
  relayRequest,
} from '@orlop/protocol/wire/relay'
import type { ChannelHandler, FrameChannel } from '@orlop/transport/transport'
import type { NodeParts } from '../network/node-parts.ts'
import { assertCommitSigned } from '../network/commit-check.ts'
import { RateLimiter } from '../network/rate-limiter.ts'
import { awaitClientId } from '../network/await-client-id.ts'
import { receiveValue, sendValue } from '../network/wire.ts'
import { unknownClient } from '../network/ledger-view.ts'
import type { RelayedMessage } from '../outbox/relayed-message.ts'

type AskedFilter = Extract<RelayRequest, { receipts: unknown }>['receipts']

/** `relay`: reads the ledger for a peer, or puts its signed message there at this node's expense. */
export function createRelayHandler(parts: NodeParts): ChannelHandler {
  const { clock, limits } = parts
  const reads = new RateLimiter({
    clock,
    burst: limits.relayReadsPerMinute,
    perMinute: limits.relayReadsPerMinute,
    what: 'ledger reads',
  })
  const submits = new RateLimiter({
    clock,
    burst: limits.relaySubmitsPerMinute,
    perMinute: limits.relaySubmitsPerMinute,
    what: 'messages for the ledger',
  })
  return async (channel) => {
    const request = await receiveValue(channel, relayRequest)
    assertOpenTo(channel, request)
    const message = messageOf(request)
    if (message === null) {
      reads.take(limitName(channel))
      await answerRead(parts, channel, request)
    } else {
      submits.take(limitName(channel))
      await submit(parts, channel, message)
    }
  }
}

/** Guests choose their accounts freely, so they share one allowance. */
function limitName({ peer }: FrameChannel): string {
  return peer.role === 'guest' ? 'guests' : peer.account
}

/** A guest's key is not on the ledger: it may register, have the recovery key put it there, and see whom it will talk to. */
function assertOpenTo({ peer }: FrameChannel, request: RelayRequest): void {
  if (peer.role !== 'guest') return
  if ('registerClient' in request || 'rotateSigner' in request || 'client' in request) return
  if ('nodes' in request || 'head' in request) return
  throw new OrlopError(
    'NOT_ADMITTED',
    'A guest may have its registration or its new keys relayed and look itself up, nothing else. Register, then connect as a client.',
  )
}

function messageOf(request: RelayRequest): RelayedMessage | null {
  const isMessage =
    'registerClient' in request ||
    'rotateSigner' in request ||
    'rating' in request ||
    'anchorEnvelope' in request ||
    'receipt' in request
  return isMessage ? request : null
}

async function answerRead(
  { ledger, reader }: NodeParts,
  channel: FrameChannel,
  request: RelayRequest,
): Promise<void> {
  if ('head' in request) await sendValue(channel, { head: await ledger.head() })
  else if ('nodes' in request) await sendPages(channel, await ledger.nodes())
  else if ('client' in request) {
    const { client: asked } = request
    const client = await (typeof asked === 'number'
      ? ledger.client(asked, true)
      : ledger.clientBySigner(asked))
    await sendValue(channel, { client })
  } else if ('formerSigners' in request) {
    const formerSigners = await reader.formerSigners(request.formerSigners)
    await sendValue(channel, { formerSigners })
  } else if ('receipts' in request)
    await sendPages(channel, reader.receipts(filterOf(request.receipts)))
  else if ('objectEvents' in request) {
    await sendPages(channel, reader.objectEvents(filterOf(request.objectEvents)))
  } else if ('creditEvents' in request) {
    await sendPages(channel, reader.creditEvents(filterOf(request.creditEvents)))
  }
}

/** Without the fields that were left out. */
function filterOf(asked: AskedFilter): LedgerFilter {
  const { clientId, nodeId, objectId, fromBlock, toBlock } = asked
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(nodeId === undefined ? {} : { nodeId }),
    ...(objectId === undefined ? {} : { objectId }),
    ...(fromBlock === undefined ? {} : { fromBlock }),
    ...(toBlock === undefined ? {} : { toBlock }),
  }
}

async function sendPages(
  channel: FrameChannel,
  records: Iterable<object> | AsyncIterable<object>,
): Promise<void> {
  let page: object[] = []
  for await (const record of records) {
    if (page.length === RELAY_PAGE_RECORDS) {
      await sendValue(channel, { records: page, more: true })
      page = []
    }
    page.push(record)
  }
  await sendValue(channel, { records: page, more: false })
}

async function submit(
  parts: NodeParts,
  channel: FrameChannel,
  message: RelayedMessage,
): Promise<void> {
  await assertRelayable(parts, message)
  const waiting = 'registerClient' in message ? awaitClientId(parts, message.registerClient) : null
  await parts.storage.relay.submit(message)
  parts.meter.add('relayed_messages_total', 1)
  const id = (await waiting) ?? null
  await sendValue(channel, id === null ? { accepted: true } : { accepted: true, id })
}

/** What the contract would refuse anyway is refused before it costs a transaction. */
async function assertRelayable(parts: NodeParts, message: RelayedMessage): Promise<void> {
  const { ledger, deployment } = parts
  if ('registerClient' in message) {
    const { registerClient } = message
    assertSignedBy(registerClientType, deployment, registerClient, registerClient.message.signer)
  } else if ('rotateSigner' in message) {
    const { clientId } = message.rotateSigner.message
    const client = await ledger.client(clientId, true)
    if (client === null) throw unknownClient(clientId)
    assertSignedBy(rotateSignerType, deployment, message.rotateSigner, client.recovery)
  } else if ('rating' in message) {
    await assertRating(parts, message.rating)
  } else if ('receipt' in message) {
    await assertReceipt(parts, message.receipt)
  } else if ('anchorEnvelope' in message) {
    const { anchorEnvelope } = message
    const { clientId } = anchorEnvelope.message
    await ledger.assertSignedByClient(envelopeUpdateType, anchorEnvelope, clientId)
  }
}

/** The client's commit and its node's Ack to this very commit. */
async function assertReceipt(parts: NodeParts, { commit, ack }: RelayedReceipt): Promise<void> {
  const { ledger, deployment, clock } = parts
  const { nodeId, expiry } = commit.message
  await assertCommitSigned(ledger, commit)
  const node = await ledger.node(nodeId)
  const commitHash = digestOf(commitType, deployment, commit.message)
  const isOfCommit =
    ack.message.nodeId === nodeId && equalConstantTime(ack.message.commitHash, commitHash)
  if (node === null || !isOfCommit) {
    throw new OrlopError(
      'COMMIT_INVALID',
      `The Ack is not that of node ${nodeId} to this commit. Send the Ack that came with it.`,
    )
  }
  assertSignedBy(ackType, deployment, ack, node.account)
  if (expiry * 1000 <= clock.nowMs()) {
    throw new OrlopError(
      'COMMIT_INVALID',
      'The time of this receipt has run out: the ledger takes it no more. Store the object again.',
    )
  }
}

async function assertRating({ ledger, nodeId }: NodeParts, rating: SignedRating): Promise<void> {
  const { message } = rating
  if (message.nodeId === nodeId) {
    throw new OrlopError(
      'NOT_AUTHORIZED',
      `Node ${nodeId} does not relay ratings of itself. Hand the rating to another node.`,
    )
  }
  if (message.score < 1 || message.score > 5) {
    throw new OrlopError('MALFORMED_MESSAGE', `A rating is 1 to 5, got ${message.score}.`)
  }
  await ledger.assertSignedByClient(ratingType, rating, message.clientId)
}
