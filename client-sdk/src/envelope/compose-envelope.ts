import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { randomBytes } from '@orlop/crypto/bytes'
import {
  encodeEnvelope,
  hashEnvelope,
  type Stanza,
  type UnsignedEnvelope,
} from '@orlop/crypto/format/envelope'
import { decodeHeader } from '@orlop/crypto/format/header'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { sealManifest } from '@orlop/crypto/sealing/manifest'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_ENVELOPE_BYTES } from '@orlop/protocol/limits'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import type { ClientIdentity } from '../client-identity.ts'

const SALT_BYTES = 32

/** What one version of an envelope is made of. */
export interface EnvelopeParts {
  readonly headerBytes: Uint8Array
  /** 32 bytes; not kept. */
  readonly dataKey: Uint8Array
  readonly manifest: Manifest
  readonly stanzas: readonly Stanza[]
  /** 1 for the first. */
  readonly version: number
  /** Hash of the version before; 32 zero bytes for the first. */
  readonly previousHash: Uint8Array
}

/** A signed envelope as bytes, and its hash. */
export interface ComposedEnvelope {
  readonly envelope: Uint8Array
  readonly envelopeHash: Uint8Array
  readonly version: number
}

/**
 * Writes one version of an envelope: manifest sealed under a fresh salt, signed by the client (formats.md 6).
 *
 * @throws OrlopError `LIMIT_EXCEEDED` when it does not fit one wire message.
 */
export function composeEnvelope(identity: ClientIdentity, parts: EnvelopeParts): ComposedEnvelope {
  const { headerBytes, dataKey, version } = parts
  const manifestSalt = randomBytes(SALT_BYTES)
  const unsigned: UnsignedEnvelope = {
    headerBytes,
    version,
    previousHash: parts.previousHash,
    stanzas: parts.stanzas,
    manifestSalt,
    sealedManifest: sealManifest(
      { dataKey, headerBytes, manifestSalt, backend: platformBackend },
      parts.manifest,
    ),
  }
  const envelopeHash = hashEnvelope(unsigned)
  const { signature } = identity.sign(envelopeUpdateType, {
    objectId: decodeHeader(headerBytes).objectId,
    clientId: identity.clientId,
    version,
    envelopeHash,
  })
  const envelope = encodeEnvelope({ ...unsigned, signature })
  if (envelope.length > MAX_ENVELOPE_BYTES) {
    throw new OrlopError(
      'LIMIT_EXCEEDED',
      `The envelope would be ${envelope.length} bytes long, ${MAX_ENVELOPE_BYTES} are allowed. Store the data as several objects, or with fewer recipients.`,
    )
  }
  return { envelope, envelopeHash, version }
}
