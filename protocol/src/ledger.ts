import type { Deployment } from './deployment.ts'
import type {
  Citation,
  ClientRecord,
  CreditEvent,
  LedgerHead,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from './ledger-records.ts'
import type { SignedRegisterClient, SignedRotateSigner } from './messages/identity.ts'
import type {
  SignedEnvelopeUpdate,
  SignedExtend,
  SignedMove,
  SignedRating,
  SignedRemove,
} from './messages/keeping.ts'
import type { SignedAck, SignedCommit } from './messages/storing.ts'

export interface LedgerCallOptions {
  signal?: AbortSignal
}

/** Which receipts or events to read. All given conditions hold together; blocks are inclusive. */
export interface LedgerFilter {
  clientId?: number
  nodeId?: number
  objectId?: Uint8Array
  fromBlock?: number
  toBlock?: number
}

/**
 * Reading the ledger: directly over JSON-RPC, or relayed by a node (`client-sdk`'s relay reader). Every call throws `OrlopError`
 * `LEDGER_UNREACHABLE` when no answer comes and `LEDGER_MISMATCH` when the chain or contracts are not those of `deployment`.
 */
export interface LedgerReader {
  readonly deployment: Deployment
  head(options?: LedgerCallOptions): Promise<LedgerHead>
  /** Every node ever registered, whatever its state, with its credit. */
  nodes(options?: LedgerCallOptions): Promise<NodeRecord[]>
  node(nodeId: number, options?: LedgerCallOptions): Promise<NodeRecord | null>
  client(clientId: number, options?: LedgerCallOptions): Promise<ClientRecord | null>
  clientBySigner(signer: string, options?: LedgerCallOptions): Promise<ClientRecord | null>
  /** The addresses a client signed with before its keys were replaced, EIP-55, the oldest first; none for an unknown client. */
  formerSigners(clientId: number, options?: LedgerCallOptions): Promise<string[]>
  /** Receipts in ledger order, read in bounded block ranges. */
  receipts(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<Receipt>
  objectEvents(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<ObjectEvent>
  creditEvents(filter: LedgerFilter, options?: LedgerCallOptions): AsyncIterable<CreditEvent>
}

/** What a node tells the ledger of itself. */
export interface NodeProfile {
  name: string
  peerId: string
  addresses: string[]
  tier: 'heavy' | 'light'
  region: string
  capacityBytes: number
}

export interface RecordItem {
  commit: SignedCommit
  /** Needed unless the sender is the node that the commit names. */
  ack?: SignedAck
}

export interface RecordResult {
  transactionHash: string
  batchId: number | null
  gasUsed: number
  /** Items the contract did not take, with its reason; an item already recorded counts as recorded, not rejected. */
  rejected: { item: number; reason: string }[]
}

export interface Inclusion {
  blockNumber: number
  /** Deep or old enough that this ledger cannot lose it. */
  isFinal: boolean
}

/** Writing to the ledger with the caller's own account. Adds to the reader's errors `LEDGER_REJECTED` when a contract reverts. */
export interface ChainClient extends LedgerReader {
  /** The EIP-55 address that pays and signs transactions. */
  readonly account: string
  registerNode(profile: NodeProfile): Promise<number>
  updateNode(profile: NodeProfile): Promise<void>
  heartbeat(freeBytes: number): Promise<void>
  admitNode(nodeId: number): Promise<void>
  drainNode(nodeId: number, reason: string): Promise<void>
  retireNode(nodeId: number, reason: string): Promise<void>
  setMaster(nodeId: number): Promise<void>
  registerClient(registration: SignedRegisterClient): Promise<number>
  admitClient(clientId: number, minimumImportance: number): Promise<void>
  suspendClient(clientId: number, reason: string): Promise<void>
  rotateSigner(rotation: SignedRotateSigner): Promise<void>
  /** Records up to `MAX_BATCH_RECEIPTS` commits in one transaction; resolves when it is in a block. */
  record(items: RecordItem[]): Promise<RecordResult>
  rate(rating: SignedRating): Promise<string>
  extend(extend: SignedExtend): Promise<string>
  remove(remove: SignedRemove): Promise<string>
  move(move: SignedMove): Promise<string>
  anchorEnvelope(update: SignedEnvelopeUpdate): Promise<string>
  /** Whether this receipt number of this node is taken on the ledger now. */
  isRecorded(nodeId: number, sequence: number): Promise<boolean>
  /** Where a transaction stands; null when the ledger does not have it (any more). */
  inclusion(transactionHash: string): Promise<Inclusion | null>
  /** Proof that the receipt (nodeId, sequence) stands in its batch; null when it is not recorded. */
  cite(nodeId: number, sequence: number): Promise<Citation | null>
}
