import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { ChunkTable } from '@orlop/crypto/format/chunk-table'
import { decodeHeader, type Header } from '@orlop/crypto/format/header'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { unwrapWithPassphrase } from '@orlop/crypto/keys/passphrase-stanza'
import { unwrapAsRecipient } from '@orlop/crypto/keys/recipient-stanza'
import { openManifest } from '@orlop/crypto/sealing/manifest'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import type { CheckedEnvelope } from './newest-envelope.ts'
import type { ObjectView } from './object-view.ts'

/** An object whose key this client has. Wipe {@link OpenedEnvelope.dataKey} when it is not needed any more. */
export interface OpenedEnvelope extends CheckedEnvelope {
  readonly header: Header
  readonly dataKey: Uint8Array
  readonly manifest: Manifest
  readonly table: ChunkTable
}

/**
 * Unwraps the data key with the client's own keys, newest first, or a passphrase, and opens the manifest.
 *
 * @throws OrlopError `WRONG_KEY` when nothing of this client's opens it; `ENVELOPE_INVALID` when manifest and receipts differ.
 */
export async function openEnvelope(
  context: ClientContext,
  view: ObjectView,
  opening: { readonly checked: CheckedEnvelope; readonly passphrase?: string | undefined },
): Promise<OpenedEnvelope> {
  const { checked, passphrase } = opening
  const { headerBytes, manifestSalt, sealedManifest } = checked.envelope
  try {
    const dataKey = await unwrap(context, view, { checked, passphrase })
    if (dataKey === null) throw wrongKey(context, view, { passphrase })
    try {
      const keys = { dataKey, headerBytes, manifestSalt, backend: platformBackend }
      const manifest = openManifest(keys, sealedManifest)
      const table = new ChunkTable(manifest)
      if (table.sealedBytes !== view.streamBytes) throw contradicts(view)
      return { ...checked, header: decodeHeader(headerBytes), dataKey, manifest, table }
    } catch (error) {
      wipe(dataKey)
      throw error
    }
  } catch (cause) {
    if (!(cause instanceof CryptoError)) throw cause
    if (cause.code === 'KEY_MISMATCH') throw wrongKey(context, view, { passphrase, cause })
    if (cause.code === 'UNSUPPORTED') {
      throw new OrlopError('VERSION_UNSUPPORTED', `${cause.message}.`, { cause })
    }
    throw contradicts(view, cause)
  }
}

async function unwrap(
  context: ClientContext,
  view: ObjectView,
  opening: { readonly checked: CheckedEnvelope; readonly passphrase?: string | undefined },
): Promise<Uint8Array | null> {
  const { stanzas } = opening.checked.envelope
  const { objectId, headerHash } = view
  for (const { openingSecretKey: secretKey } of context.identity.keyring.keySets) {
    const dataKey = unwrapAsRecipient({ stanzas, secretKey, objectId, headerHash })
    if (dataKey !== null) return dataKey
  }
  const { passphrase } = opening
  if (passphrase === undefined) return null
  return unwrapWithPassphrase({ stanzas, passphrase, objectId, headerHash })
}

function wrongKey(
  { identity }: ClientContext,
  view: ObjectView,
  { passphrase, cause }: { readonly passphrase?: string | undefined; readonly cause?: unknown },
): OrlopError {
  const tried =
    passphrase === undefined
      ? "none of this client's keys"
      : "neither this client's keys nor the passphrase"
  const next =
    view.ownerId === identity.record?.clientId
      ? 'Open a backup of the keyring it was sealed with, or give the passphrase; whoever it was shared with can still open it.'
      : 'Ask its owner to share it with this client, or give the passphrase.'
  return new OrlopError(
    'WRONG_KEY',
    `${formatObjectId(view.objectId)} of client ${view.ownerId} is opened by ${tried}. ${next}`,
    { cause, details: { ownerId: view.ownerId } },
  )
}

function contradicts(view: ObjectView, cause?: unknown): OrlopError {
  return new OrlopError(
    'ENVELOPE_INVALID',
    `The envelope of ${formatObjectId(view.objectId)} cannot be read or contradicts its receipts. Ask its owner to write it anew ('rewrap').`,
    { cause },
  )
}
