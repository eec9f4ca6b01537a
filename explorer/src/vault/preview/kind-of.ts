import { classify, decodeTextSample, HEAD_BYTES, type TextSample } from '@orlop/client-sdk/browser'

export type TextEncoding = TextSample['encoding']

/** How an object is shown, and what that needs to know. */
export type PreviewKind =
  | { readonly kind: 'empty' }
  | { readonly kind: 'text'; readonly encoding: TextEncoding }
  | { readonly kind: 'table'; readonly encoding: TextEncoding }
  | { readonly kind: 'nmea' }
  | { readonly kind: 'image'; readonly mediaType: ImageType }
  | { readonly kind: 'other'; readonly mediaType: string }

/** Images that every browser shows. SVG is not among them: it is a document, and shown as the text it is. */
export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif'

/** By the name that classification gives the format. */
const IMAGE_TYPES: Readonly<Record<string, ImageType>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  apng: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
}
const TABLES = new Set(['csv', 'tsv'])
/** Formats that stand in text: RFC 6839 names those made of XML and JSON by their suffix. */
const TEXT_TYPE = /^text\/|[/+](?:xml|json|x-ndjson|geo\+json)$/

/**
 * Says how an object is shown, by its content alone: its author chose name and media type freely.
 *
 * @param head - the beginning of the object; what lies beyond 64 KiB is not looked at.
 * @param plainBytes - length of the whole object.
 */
export async function kindOf(head: Uint8Array, plainBytes: number): Promise<PreviewKind> {
  if (head.length === 0) return { kind: 'empty' }
  const sample = head.subarray(0, HEAD_BYTES)
  const subject = { name: '', folder: '', sizeBytes: plainBytes, head: sample }
  const { format, mediaType } = await classify(subject)
  const imageType = Object.hasOwn(IMAGE_TYPES, format) ? IMAGE_TYPES[format] : undefined
  if (imageType !== undefined) return { kind: 'image', mediaType: imageType }
  if (format === 'nmea-0183') return { kind: 'nmea' }
  const text = decodeTextSample(sample, plainBytes === sample.length)
  const isText = TEXT_TYPE.test(mediaType) || mediaType === 'image/svg+xml'
  if (text === null || !isText) return { kind: 'other', mediaType }
  return { kind: TABLES.has(format) ? 'table' : 'text', encoding: text.encoding }
}
