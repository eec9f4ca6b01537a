import { constants, createPublicKey, type KeyObject, publicEncrypt } from 'node:crypto'
import { randomBytes, wipe } from '@orlop/crypto/bytes'
import type { CardAlgorithm } from '@orlop/crypto/cards/algorithms'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { parseSm2PublicKey } from '@orlop/crypto/cards/sm2/pem'
import { AuthenticationError } from '@orlop/crypto/errors'
import { KmcError } from '../kmc-error.ts'
import { withCardKey } from './card-key.ts'
import type { KeyInUse } from './key-access.ts'
import { type EnvelopeAlgorithm, unwrapWith } from './key-pairs.ts'

const NONCE_BYTES = 12
const RSA_BITS = { min: 2048, max: 4096 }

/** What each kind of envelope is made with. */
const CONTENT = {
  'sm2-sm4-gcm': { type: 'sm4', algorithm: 'sm4-gcm', keyBytes: 16, opens: 'sm2-encrypt' },
  'rsa-oaep-sha256-aes-256-gcm': {
    type: 'aes-256',
    algorithm: 'aes-256-gcm',
    keyBytes: 32,
    opens: 'rsa-3072-oaep',
  },
} as const

export const ENVELOPE_KINDS = ['sm2-sm4-gcm', 'rsa-oaep-sha256-aes-256-gcm'] as const
export type EnvelopeKind = (typeof ENVELOPE_KINDS)[number]

/** A digital envelope: data under a key of its own, and that key encrypted to a public key. */
export interface DigitalEnvelope {
  readonly kind: EnvelopeKind
  /** SM2: C1 ‖ C3 ‖ C2 (GB/T 32918.4-2016). RSA: OAEP with SHA-256 and MGF1 with SHA-256 (RFC 8017). */
  readonly wrappedKey: Uint8Array
  /** 12 bytes. */
  readonly nonce: Uint8Array
  /** Ciphertext, then the tag of 16 bytes. */
  readonly ciphertext: Uint8Array
}

/** Whom an envelope is for. */
export type Recipient =
  | { readonly kind: 'sm2-sm4-gcm'; readonly point: Uint8Array }
  | { readonly kind: 'rsa-oaep-sha256-aes-256-gcm'; readonly key: KeyObject }

/** Reads a recipient's public key. @param pem - SM2, or RSA of 2048 to 4096 bits. @throws KmcError `REQUEST_INVALID` */
export function parseRecipient(pem: string): Recipient {
  try {
    const key = createPublicKey({ key: pem, format: 'pem' })
    if (key.asymmetricKeyType !== 'rsa') {
      return { kind: 'sm2-sm4-gcm', point: parseSm2PublicKey(pem) }
    }
    const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
    if (modulusLength >= RSA_BITS.min && modulusLength <= RSA_BITS.max) {
      return { kind: 'rsa-oaep-sha256-aes-256-gcm', key }
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error
  }
  throw new KmcError(
    'REQUEST_INVALID',
    'The recipient is no public key for an envelope: expected PEM of an SM2 key, or of RSA with 2048 to 4096 bits.',
  )
}

/** What a card needs for an envelope. */
export function algorithmsFor(kind: EnvelopeKind): readonly CardAlgorithm[] {
  return kind === 'sm2-sm4-gcm' ? ['sm2-encrypt', 'sm4-gcm'] : ['aes-256-gcm']
}

/** Puts data into an envelope. @param random - gives the key of the data */
export async function sealEnvelope(
  card: CryptoCard,
  { recipient, data, random }: SealEnvelopeRequest,
): Promise<DigitalEnvelope> {
  const { kind } = recipient
  const { type, algorithm, keyBytes } = CONTENT[kind]
  const bytes = await random(keyBytes)
  const nonce = randomBytes(NONCE_BYTES)
  try {
    const wrappedKey = await wrapTo(card, recipient, bytes)
    const ciphertext = await withCardKey({ card, type, bytes }, (key) =>
      card.encrypt({ algorithm, key, iv: nonce, data }),
    )
    return { kind, wrappedKey, nonce, ciphertext }
  } finally {
    wipe(bytes)
  }
}

export interface SealEnvelopeRequest {
  readonly recipient: Recipient
  readonly data: Uint8Array
  readonly random: (lengthBytes: number) => Promise<Uint8Array>
}

/** Opens an envelope with the private key. @throws AuthenticationError when it is not for this key, or was changed */
export async function openEnvelope(
  card: CryptoCard,
  key: KeyInUse<EnvelopeAlgorithm>,
  { kind, wrappedKey, nonce, ciphertext }: DigitalEnvelope,
): Promise<Uint8Array> {
  const { type, algorithm, keyBytes, opens } = CONTENT[kind]
  if (opens !== key.algorithm) throw foreign()
  const bytes = unwrapWith(key, wrappedKey)
  try {
    if (bytes.length !== keyBytes) throw foreign()
    return await withCardKey({ card, type, bytes }, (cardKey) =>
      card.decrypt({ algorithm, key: cardKey, iv: nonce, data: ciphertext }),
    )
  } finally {
    wipe(bytes)
  }
}

async function wrapTo(card: CryptoCard, recipient: Recipient, key: Uint8Array) {
  if (recipient.kind === 'sm2-sm4-gcm') {
    const publicKey = { type: 'sm2', point: recipient.point } as const
    return card.encryptTo({ algorithm: 'sm2-encrypt', publicKey, data: key })
  }
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  return publicEncrypt({ key: recipient.key, padding, oaepHash: 'sha256' }, key)
}

function foreign(): AuthenticationError {
  return new AuthenticationError('the envelope is for a key of another kind')
}
