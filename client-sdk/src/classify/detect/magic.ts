import { fileTypeFromBuffer } from 'file-type'

import type { DataClass } from '@orlop/protocol/data-classes'

import type { ContentFinding } from '../evidence.ts'
import { found, WEIGHTS } from '../evidence.ts'

/** Containers and documents by extension as `file-type` names them; images, video and audio go by their media type. */
const CONTAINER_CLASSES: Readonly<Record<string, DataClass>> = {
  pdf: 'document',
  cfb: 'document',
  rtf: 'document',
  docx: 'document',
  docm: 'document',
  xlsx: 'document',
  xlsm: 'document',
  pptx: 'document',
  odt: 'document',
  ods: 'document',
  odp: 'document',
  epub: 'document',
  ps: 'document',
  eps: 'document',
  zip: 'archive',
  gz: 'archive',
  'tar.gz': 'archive',
  zst: 'archive',
  xz: 'archive',
  bz2: 'archive',
  lz: 'archive',
  lz4: 'archive',
  '7z': 'archive',
  rar: 'archive',
  tar: 'archive',
  cab: 'archive',
}
/** Text forms that our own rules read more closely. */
const LEFT_TO_STRUCTURE = new Set(['xml', 'ics', 'vcf', 'vtt'])

/**
 * Recognises binary formats by their magic bytes.
 *
 * @param head the first bytes of the content; formats whose mark lies deeper stay unknown.
 * @returns null when no format is recognised.
 */
export async function detectMagic(head: Uint8Array): Promise<ContentFinding | null> {
  const type = await fileTypeFromBuffer(head)
  if (type === undefined || LEFT_TO_STRUCTURE.has(type.ext)) return null
  const finding = {
    format: type.ext === 'jpg' ? 'jpeg' : type.ext,
    mediaType: type.mime,
    detail: `Magic bytes of ${type.mime}.`,
  }
  const container = CONTAINER_CLASSES[type.ext]
  if (container !== undefined) {
    return found({ ...finding, dataClass: container, weight: WEIGHTS.container })
  }
  if (type.mime.startsWith('image/')) {
    return found({ ...finding, dataClass: 'image', weight: WEIGHTS.certain })
  }
  if (type.mime.startsWith('video/')) {
    return found({ ...finding, dataClass: 'video', weight: WEIGHTS.certain })
  }
  return found({ ...finding, dataClass: 'data', weight: WEIGHTS.container })
}
