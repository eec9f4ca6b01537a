import type { CipherBackend } from '../backends/cipher-backend.ts'
import { LimitError, MalformedError } from '../errors.ts'
import { decodeHeader, hashHeader } from '../format/header.ts'
import type { Header } from '../format/header.ts'
import { decodeManifest, encodeManifest } from '../format/manifest.ts'
import type { Manifest } from '../format/manifest.ts'
import { checkCommitment } from '../keys/commitment.ts'
import { deriveManifestKeys } from '../keys/object-keys.ts'
import type { ManifestKeys } from '../keys/object-keys.ts'
import { SUITES } from '../suites/suites.ts'
import { sealedLength } from './chunk.ts'

/** What sealing and opening a manifest take. */
export interface ManifestKeyRequest {
  /** 32 bytes. */
  readonly dataKey: Uint8Array
  /** The object's encoded header. */
  readonly headerBytes: Uint8Array
  /** 32 bytes, fresh at every write: key and nonce are derived from it. */
  readonly manifestSalt: Uint8Array
  readonly backend: CipherBackend
}

/**
 * Seals a manifest by the object's suite, with the header's hash as additional data.
 *
 * @throws MalformedError or LimitError when the manifest is not as documented or contradicts the
 *   header
 * @throws KeyMismatchError when the data key belongs to another object
 */
export function sealManifest(
  request: ManifestKeyRequest,
  manifest: Manifest,
): Uint8Array<ArrayBuffer> {
  const { header, keys } = prepare(request)
  try {
    assertAgrees(manifest, header)
    return request.backend.seal({
      suite: header.suite,
      key: keys.key,
      nonce: keys.nonce,
      additionalData: hashHeader(request.headerBytes),
      plaintext: [encodeManifest(manifest)],
    })
  } finally {
    keys.dispose()
  }
}

/**
 * Opens a sealed manifest.
 *
 * @throws AuthenticationError when a bit of it, its salt or the header differs from what was sealed
 * @throws KeyMismatchError when the data key belongs to another object
 * @throws MalformedError, LimitError or UnsupportedVersionError when the manifest cannot be read
 */
export function openManifest(request: ManifestKeyRequest, sealed: Uint8Array): Manifest {
  const { header, keys } = prepare(request)
  try {
    const manifest = decodeManifest(
      request.backend.open({
        suite: header.suite,
        key: keys.key,
        nonce: keys.nonce,
        additionalData: hashHeader(request.headerBytes),
        sealed,
      }),
    )
    assertAgrees(manifest, header)
    return manifest
  } finally {
    keys.dispose()
  }
}

function prepare(request: ManifestKeyRequest): {
  header: Header
  keys: ManifestKeys
} {
  const header = decodeHeader(request.headerBytes)
  checkCommitment(request.dataKey, header)
  return { header, keys: deriveManifestKeys(request.dataKey, header, request.manifestSalt) }
}

function assertAgrees(manifest: Manifest, header: Header): void {
  if (manifest.level !== header.level || manifest.chunkBytes !== header.chunkBytes) {
    throw new MalformedError('manifest and header differ in level or chunk size; store it again')
  }
  const limit = sealedLength({ suite: SUITES[header.suite] }, header.chunkBytes)
  for (const sealedBytes of manifest.sealedChunkBytes) {
    if (sealedBytes <= limit) continue
    throw new LimitError(
      `manifest declares a sealed chunk of ${String(sealedBytes)} bytes, the header allows ` +
        `${String(limit)}; store it again`,
    )
  }
}
