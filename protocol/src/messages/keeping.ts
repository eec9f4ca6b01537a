import { defineMessage, type MessageOf, type Signed } from '../typed-message.ts'

/** The client keeps strips longer. `index` 255 means every strip; an expiry only grows. */
export const extendType = defineMessage('Extend', 'receipts', {
  objectId: 'bytes32',
  clientId: 'uint32',
  index: 'uint8',
  /** Unix seconds. */
  expiry: 'uint64',
})
export type Extend = MessageOf<typeof extendType.fields>
export type SignedExtend = Signed<Extend>

/** The client gives strips up, for good. `index` 255 means every strip. */
export const removeType = defineMessage('Remove', 'receipts', {
  objectId: 'bytes32',
  clientId: 'uint32',
  index: 'uint8',
})
export type Remove = MessageOf<typeof removeType.fields>
export type SignedRemove = Signed<Remove>

/** A strip goes to another node: signed by the node that takes it, sent by the steward. */
export const moveType = defineMessage('Move', 'receipts', {
  objectId: 'bytes32',
  index: 'uint8',
  fromNodeId: 'uint32',
  fromSequence: 'uint64',
  toNodeId: 'uint32',
  toSequence: 'uint64',
})
export type Move = MessageOf<typeof moveType.fields>
export type SignedMove = Signed<Move>

/** A new version of an object's envelope. Its signature closes the envelope itself. */
export const envelopeUpdateType = defineMessage('EnvelopeUpdate', 'receipts', {
  objectId: 'bytes32',
  clientId: 'uint32',
  version: 'uint64',
  envelopeHash: 'bytes32',
})
export type EnvelopeUpdate = MessageOf<typeof envelopeUpdateType.fields>
export type SignedEnvelopeUpdate = Signed<EnvelopeUpdate>

/** The client's evaluation of one receipt. */
export const ratingType = defineMessage('Rating', 'credit', {
  nodeId: 'uint32',
  sequence: 'uint64',
  clientId: 'uint32',
  /** 1 (bad) to 5 (good). */
  score: 'uint8',
  /** See `RATING_CAUSES`. */
  causeCode: 'uint16',
})
export type Rating = MessageOf<typeof ratingType.fields>
export type SignedRating = Signed<Rating>

export const RATING_CAUSES = {
  'stored-well': 1,
  slow: 2,
  interrupted: 3,
  unreachable: 4,
  'wrong-data': 5,
  'late-record': 6,
  'client-judgement': 7,
} as const
export type RatingCause = keyof typeof RATING_CAUSES
