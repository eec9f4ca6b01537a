import * as z from 'zod'

/** What endpoints answer, as far as it is used here (Ethereum JSON-RPC specification). */

export const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]{1,64}$/)
  .transform((text) => BigInt(text))
export const safeQuantity = quantity.transform((value, context) => {
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value)
  context.addIssue(`expected at most 2^53 - 1, got ${value.toString()}`)
  return z.NEVER
})
export const hexBytes = z.string().regex(/^0x([0-9a-fA-F]{2})*$/)
export const hash32 = z.string().regex(/^0x[0-9a-fA-F]{64}$/)

export const blockShape = z
  .object({ number: safeQuantity, hash: hash32, timestamp: safeQuantity })
  .nullable()

const logShape = z.object({
  address: z.string(),
  topics: z.array(hash32).max(4),
  data: hexBytes,
  blockNumber: safeQuantity,
  blockHash: hash32,
  transactionHash: hash32,
  logIndex: safeQuantity,
  /** Unix seconds; not every endpoint gives it. */
  blockTimestamp: safeQuantity.optional(),
})
export type RpcLog = z.infer<typeof logShape>
export const logsShape = z.array(logShape)

export const transactionReceiptShape = z
  .object({
    blockNumber: safeQuantity,
    blockHash: hash32,
    status: safeQuantity,
    gasUsed: safeQuantity,
    contractAddress: z.string().nullish(),
    logs: logsShape,
  })
  .nullable()
export type TransactionReceipt = NonNullable<z.infer<typeof transactionReceiptShape>>

/** A number as JSON-RPC writes it: no leading zeros. */
export function toQuantity(value: number | bigint): string {
  return `0x${value.toString(16)}`
}
