import type { StripKey } from '../storage/strip-key.ts'
import type { RelayedKind } from './relayed-message.ts'

interface OfReceipt extends StripKey {
  sequence: number
}

interface OfRelayed {
  relayId: string
  message: RelayedKind
}

/** What happened to a receipt or a relayed message at the ledger. */
export type OutboxEvent =
  | ({ kind: 'recorded'; transactionHash: string } & OfReceipt)
  /** The ledger cannot lose it any more; the outbox lets go. */
  | ({ kind: 'final'; transactionHash: string } & OfReceipt)
  /** The contract left it out. `willRetry` when the cause can pass (an admission, say). */
  | ({ kind: 'rejected'; reason: string; willRetry: boolean } & OfReceipt)
  /** The ledger had it and lost it; it is put there again. */
  | ({ kind: 'lost'; transactionHash: string } & OfReceipt)
  | ({ kind: 'relayed'; transactionHash?: string; clientId?: number } & OfRelayed)
  | ({ kind: 'relay-final' } & OfRelayed)
  | ({ kind: 'relay-rejected'; reason: string } & OfRelayed)
