import { imageDimensionsFromData } from 'image-dimensions'
import { readBlob } from '@orlop/client-sdk/browser'
import type { ImageType } from './kind-of.ts'
import { readAll, type ReadHead, type ReadingOptions } from './preview-source.ts'

/** Four bytes each in memory once decoded: 256 MB. */
export const MAX_PIXELS = 64_000_000

/** What may stand before the size in an image's header. */
const MAX_HEADER_BYTES = 8 * 1024 * 1024

export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** An image that is safe to hand to the browser's decoder, or why it is not. */
export type ReadImage =
  | { readonly kind: 'image'; readonly blob: Blob; readonly size: ImageSize }
  | { readonly kind: 'too-large'; readonly size: ImageSize }
  /** Its header says no size, so nobody knows what decoding takes. */
  | { readonly kind: 'damaged' }

/**
 * Reads an image whole, unless what its header claims would fill the page's memory when decoded.
 *
 * @param mediaType - what its magic bytes say; the blob has this type.
 */
export async function readImage(
  reading: ReadHead,
  mediaType: ImageType,
  options: ReadingOptions,
): Promise<ReadImage> {
  const early = sizeOf(reading.head)
  if (early !== null && isTooLarge(early)) return { kind: 'too-large', size: early }
  const blob = await readBlob(readAll(reading, options), mediaType)
  // A photograph's notes and colour profile may stand before its size.
  const size = early ?? sizeOf(await beginningOf(blob))
  if (size === null) return { kind: 'damaged' }
  return isTooLarge(size) ? { kind: 'too-large', size } : { kind: 'image', blob, size }
}

async function beginningOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(0, MAX_HEADER_BYTES).arrayBuffer())
}

function sizeOf(bytes: Uint8Array): ImageSize | null {
  try {
    const { width, height } = imageDimensionsFromData(bytes) ?? { width: 0, height: 0 }
    return width > 0 && height > 0 ? { width, height } : null
  } catch (error) {
    // What it throws on a header that is cut.
    if (error instanceof RangeError) return null
    throw error
  }
}

function isTooLarge({ width, height }: ImageSize): boolean {
  return width * height > MAX_PIXELS
}
