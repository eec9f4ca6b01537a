import * as z from 'zod'
import {
  ackType,
  commitType,
  offerType,
  refusalType,
  reservationType,
} from '../messages/storing.ts'
import { signedSchema } from '../typed-message.ts'
import { envelopeBytes, progressFrame, stripIndex, stripKey } from './common.ts'

/**
 * `spread`, node to node, one verb a stream:
 * - `reserve`: room for strip `index` of the client's own signed offer; answered by a reservation or a refusal;
 * - `release`: give an unused reservation back;
 * - `ahead`: bytes of a reserved strip while the client still sends them, before it commits; from there on as in `store`. Whatever arrives
 *   spares `strip` sending it;
 * - `strip`: the client's commit and the envelope; the target answers `durableBytes`, takes data frames and an end frame as in
 *   `store`, sends progress, checks the root against the commit, and only then answers with its Ack.
 */
export const spreadRequest = z.union([
  z.strictObject({
    reserve: z.strictObject({ offer: signedSchema(offerType), index: stripIndex }),
  }),
  z.strictObject({ release: stripKey }),
  z.strictObject({ ahead: stripKey }),
  z.strictObject({
    strip: z.strictObject({ commit: signedSchema(commitType), envelope: envelopeBytes }),
  }),
])
export type SpreadRequest = z.infer<typeof spreadRequest>

export const reserveAnswer = z.union([
  z.strictObject({ reservation: signedSchema(reservationType) }),
  z.strictObject({ refusal: signedSchema(refusalType) }),
])
export type ReserveAnswer = z.infer<typeof reserveAnswer>

export const releaseAnswer = z.strictObject({ released: z.boolean() })

export const stripDownstream = z.union([
  progressFrame,
  z.strictObject({ ack: signedSchema(ackType) }),
])
export type StripDownstream = z.infer<typeof stripDownstream>
