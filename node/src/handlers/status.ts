import { MAX_STRIPS } from '@orlop/protocol/limits'
import { type NodeStatus, type ObjectStatus, statusRequest } from '@orlop/protocol/wire/status'
import type { ChannelHandler } from '@orlop/transport/transport'
import { admittedOrFresh } from '../network/admitted-or-fresh.ts'
import type { NodeParts } from '../network/node-parts.ts'
import { receiveValue, sendValue } from '../network/wire.ts'
import type { ObjectKey } from '../storage/interfaces.ts'
import type { SpreadRecord, StripRecord } from '../storage/records.ts'

type StripStatus = ObjectStatus['strips'][number]

/** `status`: of this node, of one object here, or whether other nodes answer. */
export function createStatusHandler(parts: NodeParts): ChannelHandler {
  return async (channel) => {
    const request = await receiveValue(channel, statusRequest)
    if ('node' in request) await sendValue(channel, await nodeStatusOf(parts))
    else if ('object' in request)
      await sendValue(channel, await objectStatusOf(parts, request.object))
    else await sendValue(channel, { reachable: await reach(parts, request.reach) })
  }
}

async function nodeStatusOf({ nodeId, clock, storage, ledger }: NodeParts): Promise<NodeStatus> {
  const freeBytes = await storage.reservations.freeBytes()
  const self = await admittedOrFresh((isFresh) => ledger.node(nodeId, isFresh))
  return {
    nodeId,
    timeMs: clock.nowMs(),
    freeBytes,
    openReservations: storage.reservations.open,
    accepting: self?.state === 'admitted' && freeBytes > 0,
  }
}

async function objectStatusOf(parts: NodeParts, key: ObjectKey): Promise<ObjectStatus> {
  const { storage } = parts
  const [kept, spread, envelope] = await Promise.all([
    storage.strips.ofObject(key),
    storage.spreads.ofObject(key),
    storage.envelopes.find(key),
  ])
  const known = [...kept.map(statusOfKept), ...spread.map(statusOfSpread)]
  const strips = new Map(known.map((strip) => [strip.index, strip]))
  for (let index = 0; index < MAX_STRIPS; index++) {
    const coming = strips.has(index) ? null : await statusOfComing(parts, { ...key, index })
    if (coming !== null) strips.set(index, coming)
  }
  const version = envelope === null ? {} : { envelopeVersion: envelope.version }
  return { strips: [...strips.values()].sort((one, other) => one.index - other.index), ...version }
}

function statusOfKept({
  commit,
  ack,
  state,
  stripBytes,
  transactionHash,
}: StripRecord): StripStatus {
  const { index, nodeId } = commit.message
  const recorded = transactionHash === undefined ? {} : { transactionHash }
  return { index, nodeId, state, durableBytes: stripBytes, commit, ack, ...recorded }
}

/** What this ingress node knows of strips elsewhere: the receipt itself is for the ledger to show. */
function statusOfSpread({ commit, ack }: SpreadRecord): StripStatus {
  const { index, nodeId, streamBytes } = commit.message
  if (ack === undefined) return { index, nodeId, state: 'held', durableBytes: 0, commit }
  return { index, nodeId, state: 'stored', durableBytes: streamBytes, commit, ack }
}

/** A strip that this node removed, reserved or is taking; null when it knows nothing of it. */
async function statusOfComing(
  { storage, nodeId }: NodeParts,
  key: ObjectKey & { index: number },
): Promise<StripStatus | null> {
  const { index } = key
  if ((await storage.reservations.find(key)) !== null) {
    const stagedBytes = await storage.blobs.stagedBytes(key)
    const state = stagedBytes === null ? 'reserved' : 'staged'
    return { index, nodeId, state, durableBytes: stagedBytes ?? 0 }
  }
  return index === 0 && (await storage.strips.isRemoved(key))
    ? { index, nodeId, state: 'removed', durableBytes: 0 }
    : null
}

async function reach(
  { dialer, clock, limits }: NodeParts,
  nodeIds: number[],
): Promise<{ nodeId: number; roundTripMs: number }[]> {
  const signal = AbortSignal.timeout(limits.reachTimeoutMs)
  const asked = nodeIds.map(async (nodeId) => {
    const beganMs = clock.monotonicMs()
    try {
      await dialer.greet(nodeId, { signal })
    } catch {
      return null
    }
    return { nodeId, roundTripMs: clock.monotonicMs() - beganMs }
  })
  return (await Promise.all(asked)).filter((one) => one !== null)
}
