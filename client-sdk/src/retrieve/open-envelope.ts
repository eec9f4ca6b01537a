import { platformBackend } from '@orlop/crypto/backends/platform-backend'
import { wipe } from '@orlop/crypto/bytes'
import { CryptoError } from '@orlop/crypto/errors'
import { ChunkTable } from '@orlop/crypto/format/chunk-table'
import { decodeHeader, type Header } from '@orlop/crypto/format/header'
import type { Manifest } from '@orlop/crypto/format/manifest'
import { openManifest } from '@orlop/crypto/sealing/manifest'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import { sharedWith } from '../envelope/stanza-of.ts'
import type { CheckedEnvelope } from './newest-envelope.ts'
import type { ObjectView } from './object-view.ts'
import { type Opening, unwrapDataKey } from './unwrap-data-key.ts'

/** An object whose key this client has. Wipe {@link OpenedEnvelope.dataKey} when it is not needed any more. */
export interface OpenedEnvelope extends CheckedEnvelope {
  readonly header: Header
  readonly dataKey: Uint8Array
  readonly manifest: Manifest
  readonly table: ChunkTable
  /** How many keys and passphrases beside the owner's open it; applications and custodians are not counted. */
  readonly sharedWith: number
}

/**
 * Unwraps the data key and opens the manifest.
 *
 * @throws OrlopError `WRONG_KEY` when nothing of this client's opens it; `ENVELOPE_INVALID` when manifest and receipts differ; as
 *   `unwrapDataKey`.
 */
export async function openEnvelope(
  context: ClientContext,
  view: ObjectView,
  opening: Opening,
): Promise<OpenedEnvelope> {
  const { checked, passphrase } = opening
  const { headerBytes, manifestSalt, sealedManifest, stanzas } = checked.envelope
  try {
    const dataKey = await unwrapDataKey(context, view, opening)
    if (dataKey === null) throw wrongKey(context, view, { passphrase })
    try {
      const keys = { dataKey, headerBytes, manifestSalt, backend: platformBackend }
      const manifest = openManifest(keys, sealedManifest)
      const table = new ChunkTable(manifest)
      if (table.sealedBytes !== view.streamBytes) throw contradicts(view)
      return {
        ...checked,
        ...{ dataKey, manifest, table },
        header: decodeHeader(headerBytes),
        sharedWith: sharedWith(stanzas, context.identity.keyring.keySets, view.objectId),
      }
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
