import * as z from 'zod'
import { bytes32, count, dataFrame, endFrame, progressFrame, stripKey } from './common.ts'

/**
 * `store`, client to ingress node: the sealed stream, once.
 * client: {@link storeRequest}; node: `durableBytes` to continue from; client: data frames, then end; node: progress frames as
 * bytes become durable, then {@link storeDone}. A broken stream is opened again and continues from the durable offset.
 */
export const storeRequest = stripKey
export type StoreRequest = z.infer<typeof storeRequest>

export const storeUpstream = z.union([dataFrame, endFrame])
export type StoreUpstream = z.infer<typeof storeUpstream>

/** Every byte is durable; `root` is what the node computed over them. */
const storeDone = z.strictObject({ storedBytes: count, root: bytes32 })
export const storeDownstream = z.union([progressFrame, storeDone])
export type StoreDownstream = z.infer<typeof storeDownstream>
