import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { MAX_CLOCK_SKEW_MS, STAGING_KEPT_MS } from '@orlop/protocol/limits'
import { offerType, type SignedCommit, type SignedOffer } from '@orlop/protocol/messages/storing'
import { spreadRequest } from '@orlop/protocol/wire/spread'
import type { ChannelHandler, FrameChannel } from '@orlop/transport/transport'
import { assertCommitSigned, assertWithinOffer, checkEnvelope } from '../network/commit-check.ts'
import type { NodeParts } from '../network/node-parts.ts'
import { requireNode } from '../network/peer-gate.ts'
import { reserveStrip } from '../network/reserve-strip.ts'
import { takeStrip } from '../network/take-strip.ts'
import { receiveValue, sendValue } from '../network/wire.ts'
import type { StripKey } from '../storage/interfaces.ts'
import { stripKeyOf } from '../storage/strip-key.ts'
import { describeStrip } from '../storage/strip-name.ts'

/** `spread`, asked by the ingress node of an object: reserve, release, take a strip, also ahead of its commit. */
export function createSpreadHandler(parts: NodeParts): ChannelHandler {
  return async (channel) => {
    const request = await receiveValue(channel, spreadRequest)
    requireNode(channel)
    if ('reserve' in request) await reserve(parts, channel, request.reserve)
    else if ('release' in request) await release(parts, channel, request.release)
    else if ('ahead' in request) await takeAhead(parts, channel, request.ahead)
    else await take(parts, channel, request.strip)
  }
}

async function reserve(
  parts: NodeParts,
  channel: FrameChannel,
  { offer, index }: { offer: SignedOffer; index: number },
): Promise<void> {
  const { message } = offer
  requireNode(channel, message.nodeId)
  await parts.ledger.assertSignedByClient(offerType, offer, message.clientId)
  assertOfferCurrent(parts, offer)
  if (index === 0) {
    throw new OrlopError(
      'MALFORMED_MESSAGE',
      'Strip 0 stays at the ingress node. Ask for one of the others.',
    )
  }
  await sendValue(channel, await reserveStrip(parts, offer, index))
}

/** An offer serves as long as an upload may take: another node may be asked late, when one has gone. */
function assertOfferCurrent({ clock }: NodeParts, { message }: SignedOffer): void {
  const ageMs = clock.nowMs() - message.requestTimeMs
  if (ageMs >= -MAX_CLOCK_SKEW_MS && ageMs <= STAGING_KEPT_MS) return
  throw new OrlopError(
    'CLOCK_SKEW',
    `The offer is ${ageMs} ms old by this node's clock. The client must make a new one.`,
  )
}

async function release(parts: NodeParts, channel: FrameChannel, key: StripKey): Promise<void> {
  const held = await parts.storage.reservations.find(key)
  if (held !== null) requireNode(channel, held.offer.message.nodeId)
  const released = held !== null && (await parts.storage.reservations.release(key))
  await sendValue(channel, { released })
}

/** Bytes stay staged until the commit that comes with `strip`; the reservation bounds them. */
async function takeAhead(parts: NodeParts, channel: FrameChannel, key: StripKey): Promise<void> {
  const { storage, clock, timers, limits } = parts
  const held = await storage.reservations.find(key)
  if (held !== null) requireNode(channel, held.offer.message.nodeId)
  const staging = await storage.strips.stage(key)
  try {
    const { root, stripBytes } = await takeStrip(channel, staging, {
      clock,
      timers,
      idleMs: limits.senderIdleMs,
    })
    await sendValue(channel, { storedBytes: stripBytes, root })
  } finally {
    await staging.close()
  }
}

async function take(
  parts: NodeParts,
  channel: FrameChannel,
  { commit, envelope }: { commit: SignedCommit; envelope: Uint8Array },
): Promise<void> {
  const { storage, ledger, signer, nodeId } = parts
  const { message } = commit
  if (message.nodeId !== nodeId) {
    throw new OrlopError(
      'COMMIT_INVALID',
      `The commit names node ${message.nodeId}, this is node ${nodeId}. Bring the strip to the node it names.`,
    )
  }
  await assertCommitSigned(ledger, commit)
  const envelopes = storage.envelopes
  await checkEnvelope({ ledger, envelopes }, envelope, {
    clientId: message.clientId,
    commit: message,
  })
  const stored = await storage.strips.find(message)
  if (stored === null) await takeBytes(parts, channel, commit)
  await envelopes.put(message, envelope)
  const record = await keep(parts, commit)
  await sendValue(channel, { ack: record.ack })

  async function keep({ storage: { strips, blobs } }: NodeParts, kept: SignedCommit) {
    try {
      return await strips.keep(kept, (storedAtMs) => signer.ack(kept, storedAtMs))
    } catch (error) {
      if (stored !== null || !isOrlopError(error, 'COMMIT_INVALID')) throw error
      // Wrong bytes would be in the way of the right ones for ever.
      await blobs.discard(stripKeyOf(message))
      throw new OrlopError(
        'STRIP_DAMAGED',
        `The bytes of ${describeStrip(message)} are not those of its root; they were thrown away. Send the strip again.`,
        { cause: error },
      )
    }
  }
}

async function takeBytes(
  parts: NodeParts,
  channel: FrameChannel,
  commit: SignedCommit,
): Promise<void> {
  const { storage, clock, timers, limits } = parts
  const held = await storage.reservations.find(commit.message)
  if (held !== null) {
    requireNode(channel, held.offer.message.nodeId)
    const { maxBytes, offer } = held
    assertWithinOffer(commit, offer, { maxBytes, nowMs: clock.nowMs() })
  }
  const staging = await storage.strips.stage(stripKeyOf(commit.message))
  try {
    await takeStrip(channel, staging, { clock, timers, idleMs: limits.senderIdleMs })
  } finally {
    await staging.close()
  }
}
