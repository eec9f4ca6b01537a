import * as z from 'zod'
import { clientState, nodeState } from '../ledger-records.ts'
import { apiTier } from './nodes.ts'
import { pageQuery, timeRangeQuery } from './query-values.ts'
import {
  addressText,
  apiCount,
  apiId,
  apiName,
  apiPosition,
  apiReason,
  hashText,
  pageOf,
} from './values.ts'

/** What the registry tells of. */
export const registryKind = z.enum([
  'nodeRegistered',
  'nodeUpdated',
  'nodeStateChanged',
  'nodeTierChanged',
  'heartbeat',
  'masterChanged',
  'clientRegistered',
  'clientStateChanged',
  'signerRotated',
  'roleGranted',
  'roleRevoked',
])
export type RegistryKind = z.infer<typeof registryKind>

/** Heartbeats come every minute from each node: those of the newest so many days are kept. */
export const HEARTBEAT_DAYS = 7

/** What a node says of itself. */
export const apiProfile = z.object({
  name: apiName,
  peerId: z.string().max(128),
  addresses: z.array(z.string().max(256)).max(8),
  region: z.string().max(32),
  capacityBytes: apiCount,
})
export type ApiProfile = z.infer<typeof apiProfile>

const ofNode = { nodeId: apiId, nodeName: apiName, position: apiPosition }
const ofClient = { clientId: apiId, clientName: apiName, position: apiPosition }
const ofRole = {
  role: z.enum(['admin', 'steward', 'other']),
  account: addressText,
  sender: addressText,
  position: apiPosition,
}

/** One event of the registry. Names beside ids are those of now; what is in the event is as it was then. */
export const apiRegistryEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('nodeRegistered'),
    ...ofNode,
    account: addressText,
    tier: apiTier,
    profile: apiProfile,
  }),
  z.object({
    kind: z.literal('nodeUpdated'),
    ...ofNode,
    profile: apiProfile,
    /** What it said until then; null where the index has nothing before. */
    before: apiProfile.nullable(),
  }),
  z.object({
    kind: z.literal('nodeStateChanged'),
    ...ofNode,
    from: nodeState,
    to: nodeState,
    reason: apiReason,
  }),
  z.object({
    kind: z.literal('nodeTierChanged'),
    ...ofNode,
    from: apiTier,
    to: apiTier,
    reason: apiReason,
  }),
  z.object({ kind: z.literal('heartbeat'), ...ofNode, freeBytes: apiCount }),
  z.object({
    kind: z.literal('masterChanged'),
    /** null where there was none, or is none any more. */
    fromNodeId: apiId.nullable(),
    toNodeId: apiId.nullable(),
    position: apiPosition,
  }),
  z.object({
    kind: z.literal('clientRegistered'),
    ...ofClient,
    signer: addressText,
    recovery: addressText,
    openingKey: hashText,
    imoNumber: apiCount.nullable(),
    name: apiName,
  }),
  z.object({
    kind: z.literal('clientStateChanged'),
    ...ofClient,
    from: clientState,
    to: clientState,
    minimumImportance: apiCount,
    reason: apiReason,
  }),
  z.object({
    kind: z.literal('signerRotated'),
    ...ofClient,
    oldSigner: addressText,
    newSigner: addressText,
    newOpeningKey: hashText,
  }),
  z.object({ kind: z.literal('roleGranted'), ...ofRole }),
  z.object({ kind: z.literal('roleRevoked'), ...ofRole }),
])
export type ApiRegistryEvent = z.infer<typeof apiRegistryEvent>

export const historyQuery = z.strictObject({ ...pageQuery.shape, ...timeRangeQuery.shape })
export type HistoryQuery = z.output<typeof historyQuery>

/** Everything but a node's heartbeats, newest first. */
export const apiHistory = pageOf(apiRegistryEvent)
export type ApiHistory = z.infer<typeof apiHistory>
