import { PNG } from 'pngjs'

/** What somebody who has a node's bytes but no keys can show of an object. */
export interface IntruderView {
  fileName: string
  bytes: Uint8Array
}

const MAX_SHOWN_BYTES = 4 * 1024 * 1024
const BYTES_PER_PIXEL = 3

/**
 * Draws the intruder's view from real ciphertext: for a picture an image file whose pixels are the sealed bytes, for everything else
 * those bytes read as text (the paper's tables 1–2 and figures 3–4).
 *
 * @param sealed - the strip's bytes as a node holds them; at most the first 4 MiB are shown.
 * @param isImage - how the owner's catalogue knows the object; an intruder would have to guess even that.
 */
export function intruderView(name: string, sealed: Uint8Array, isImage: boolean): IntruderView {
  const shown = sealed.subarray(0, MAX_SHOWN_BYTES)
  const stem = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
  return isImage
    ? { fileName: `${stem}.scrambled.png`, bytes: drawPixels(shown) }
    : { fileName: `${stem}.garbled.txt`, bytes: readAsText(shown) }
}

/** As square as the number of pixels allows; the last row is filled up with black. */
function drawPixels(sealed: Uint8Array): Uint8Array {
  const pixels = Math.max(1, Math.ceil(sealed.length / BYTES_PER_PIXEL))
  const width = Math.ceil(Math.sqrt(pixels))
  const height = Math.ceil(pixels / width)
  const image = new PNG({ width, height })
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < BYTES_PER_PIXEL; channel++) {
      image.data[pixel * 4 + channel] = sealed[pixel * BYTES_PER_PIXEL + channel] ?? 0
    }
    image.data[pixel * 4 + 3] = 255
  }
  return PNG.sync.write(image)
}

/** As an editor shows unknown bytes: Latin-1, with a dot for what cannot be printed, in lines of 80. */
function readAsText(sealed: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(sealed).replaceAll(/\p{Cc}/gu, '·')
  return new TextEncoder().encode(`${text.match(/.{1,80}/gsu)?.join('\n') ?? ''}\n`)
}
