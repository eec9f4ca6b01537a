import { useCallback, useEffect, useRef, useState } from 'react'
import { usePreviewText } from './i18n/preview-text.ts'
import type { ImageType } from './kind-of.ts'
import type { KindProps } from './kind-props.ts'
import { type ImageSize, type ReadImage, readImage } from './read-image.ts'
import { TaskOutcome } from './task-outcome.tsx'
import { type Task, useTask } from './use-task.ts'

/** An image as its bytes are, at most as large as the page has room. */
export function ImagePreview(props: KindProps & { mediaType: ImageType }) {
  const { name, reading, mediaType, signal } = props
  const read: Task<ReadImage> = useCallback(
    (options) => readImage(reading, mediaType, options),
    [reading, mediaType],
  )
  const { plainBytes } = reading.source
  return (
    <TaskOutcome of={useTask(read, plainBytes, signal)} totalBytes={plainBytes}>
      {(image) => <Outcome image={image} name={name} mediaType={mediaType} />}
    </TaskOutcome>
  )
}

function Outcome(props: { image: ReadImage; name: string; mediaType: ImageType }) {
  const { t } = usePreviewText()
  const { image, name, mediaType } = props
  switch (image.kind) {
    case 'image':
      return <Picture blob={image.blob} size={image.size} name={name} />
    case 'damaged':
      return <Refusal text={t('image.broken', { type: mediaType })} />
    case 'too-large':
      return <Refusal text={t('image.tooLarge', { ...image.size })} />
  }
}

function Refusal({ text }: { text: string }) {
  return (
    <p className="notice" data-tone="warn" role="alert">
      {text}
    </p>
  )
}

function Picture({ blob, size, name }: { blob: Blob; size: ImageSize; name: string }) {
  const { t } = usePreviewText()
  const picture = useRef<HTMLImageElement>(null)
  const [isBroken, setIsBroken] = useState(false)
  useEffect(() => {
    const url = URL.createObjectURL(blob)
    if (picture.current !== null) picture.current.src = url
    return () => URL.revokeObjectURL(url)
  }, [blob])
  if (isBroken) return <Refusal text={t('image.broken', { type: blob.type })} />
  return (
    <figure className="preview-image">
      <img ref={picture} alt={name} onError={() => setIsBroken(true)} />
      <figcaption className="quiet">{t('image.size', { ...size, type: blob.type })}</figcaption>
    </figure>
  )
}
