import * as z from 'zod'
import { bytes32, count } from '@orlop/protocol/wire/common'
import { type HomeDatabase, RecordTable } from './table.ts'

const finishedRequest = z.strictObject({
  objectId: bytes32,
  wire: z.strictObject({ sentBytes: count, receivedBytes: count }),
  ingressNodeId: count,
  /** Not there for clients without a card. */
  sealedBy: z.string().optional(),
  decision: z.strictObject({
    rule: z.string(),
    evidence: z.array(z.string()),
    placement: z.string(),
  }),
})

/** What came of a request that its caller named: enough to give the same answer again. */
export type FinishedRequest = z.infer<typeof finishedRequest>

/** Requests that were named with a `requestKey` and are done. As old as the catalogue, and much smaller. */
export class RequestStore {
  readonly #table: RecordTable<FinishedRequest>

  constructor(database: HomeDatabase) {
    this.#table = new RecordTable(database, { name: 'request', schema: finishedRequest })
  }

  /** Null when no request of this name was finished in this home. */
  get(requestKey: string): Promise<FinishedRequest | null> {
    return this.#table.get(requestKey)
  }

  put(requestKey: string, request: FinishedRequest): Promise<void> {
    return this.#table.put(requestKey, request)
  }
}
