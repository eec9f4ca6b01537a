import { MAX_CUSTODIANS } from '@orlop/crypto/keys/custody-stanzas'
import { ledgerId } from '@orlop/protocol/wire/common'
import * as z from 'zod'

const SM2_POINT_DIGITS = 130

const split = z
  .strictObject({
    /** So many custodians open an object together. */
    threshold: z.int().min(2).max(MAX_CUSTODIANS),
    /** Clients by their numbers, each with one share. */
    custodians: z.array(ledgerId).min(2).max(MAX_CUSTODIANS),
  })
  .refine(
    ({ threshold, custodians }) => threshold <= custodians.length,
    'The threshold is more than there are custodians.',
  )
  .refine(
    ({ custodians }) => new Set(custodians).size === custodians.length,
    'A custodian is named twice.',
  )

const bound = z.strictObject({
  /** SM2 public key of a card, or of parties who hold the private key together: an uncompressed point, hexadecimal. */
  sm2Key: z
    .string()
    .length(SM2_POINT_DIGITS)
    .regex(/^04[0-9a-f]+$/),
})

/** Who keeps an object's key at level 3: custodians with a share each, or the holder of an SM2 key. */
export const custodySchema = z.union([split, bound])

export type Custody = z.output<typeof custodySchema>
