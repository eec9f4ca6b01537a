import { useEffect, useRef } from 'react'

const BYTES_PER_PIXEL = 3

/** Draws bytes as pixels, three for each, as square as their number allows. */
export function PixelCanvas({ bytes, label }: { bytes: Uint8Array; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const pixels = Math.max(1, Math.floor(bytes.length / BYTES_PER_PIXEL))
  // As wide as the picture beside it: 16 to 9.
  const width = Math.ceil(Math.sqrt((pixels * 16) / 9))
  const height = Math.max(1, Math.floor(pixels / width))
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    const image = context.createImageData(width, height)
    for (let pixel = 0; pixel < width * height; pixel++) {
      const from = pixel * BYTES_PER_PIXEL
      image.data.set(bytes.subarray(from, from + BYTES_PER_PIXEL), pixel * 4)
      image.data[pixel * 4 + 3] = 255
    }
    context.putImageData(image, 0, 0)
  }, [bytes, width, height])
  return <canvas ref={canvas} width={width} height={height} role="img" aria-label={label} />
}
