import * as z from 'zod'

const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'expected 0x and 40 hexadecimal digits')

/** Where one Orlop ledger lives: the chain and its three contracts. Every signature is bound to these values. */
export const deploymentSchema = z.strictObject({
  chainId: z.int().positive(),
  registry: address,
  receipts: address,
  credit: address,
  /** The block the contracts were deployed in: histories are read from here. */
  fromBlock: z.int().nonnegative(),
})

export type Deployment = z.infer<typeof deploymentSchema>
export type LedgerContract = 'registry' | 'receipts' | 'credit'
