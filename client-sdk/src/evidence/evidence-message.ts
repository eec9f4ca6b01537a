import { defineMessage, type MessageOf } from '@orlop/protocol/typed-message'

/** The exporting client's word for one evidence file. No contract takes it: it is bound to the receipts it tells of by their domain. */
export const evidenceType = defineMessage('Evidence', 'receipts', {
  /** SHA-256 of the canonical form of the file without its signature. */
  contentHash: 'bytes32',
  /** Who exports. */
  clientId: 'uint32',
  exportedAtMs: 'uint64',
})
export type EvidenceMessage = MessageOf<typeof evidenceType.fields>
