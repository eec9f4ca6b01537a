import * as z from 'zod'
import { concat, encodeUtf8 } from '@orlop/crypto/bytes'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { sha256 } from '@orlop/crypto/hash'
import { signDigest } from '@orlop/crypto/sign'
import { bytesSchema, nameSchema } from './records.ts'
import { isSignedBy } from '@orlop/crypto/keys/signed-by'

export const destructionSchema = z.strictObject({
  centreId: bytesSchema(16),
  appId: nameSchema,
  keyId: nameSchema,
  /** How many versions the key had: all are destroyed. */
  versions: z.int().min(1),
  /** By the centre's clock, ms since epoch. */
  destroyedAtMs: z.int(),
  /** 64 bytes, EIP-2098, by the centre. */
  signature: bytesSchema(64),
})

/** The centre's word that it has a key's bytes no more, in its store and in the backups that it knows. */
export type Destruction = z.infer<typeof destructionSchema>

/** Statements stand under this place. */
export const DESTRUCTION_PLACES = 'destruction/'

/** Where the centre keeps its statement about a key. */
export const destructionPlace = ({ appId, keyId }: Pick<Destruction, 'appId' | 'keyId'>) =>
  `${DESTRUCTION_PLACES}${appId}/${keyId}`

/** 32 bytes that stand for a destruction: what is signed, and can be anchored. */
export function destructionDigest(destruction: Omit<Destruction, 'signature'>): Uint8Array {
  const { centreId, appId, keyId, versions, destroyedAtMs } = destruction
  const content = encodeCbor({ centreId, appId, keyId, versions, destroyedAtMs })
  return sha256(concat(encodeUtf8('orlop/kmc/1/destruction'), content))
}

export function signDestruction(
  destruction: Omit<Destruction, 'signature'>,
  signingKey: Uint8Array,
): Destruction {
  return { ...destruction, signature: signDigest(destructionDigest(destruction), signingKey) }
}

/** Whether the centre that signs as `signer` (20 bytes, from its root record) said so. */
export function verifyDestruction(destruction: Destruction, signer: Uint8Array): boolean {
  return isSignedBy(signer, destructionDigest(destruction), destruction.signature)
}
