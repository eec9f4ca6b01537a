import { useCallback, useState, type ReactNode } from 'react'
import { usePreviewText } from './i18n/preview-text.ts'
import { useFormat } from '../../ui/use-format.ts'
import { HexPreview } from './hex-preview.tsx'
import { ImagePreview } from './image-preview.tsx'
import { kindOf, type PreviewKind } from './kind-of.ts'
import type { KindProps } from './kind-props.ts'
import './preview.css'
import { readHead, type PreviewSource, type ReadHead } from './preview-source.ts'
import { TablePreview } from './table-preview.tsx'
import { TaskOutcome } from './task-outcome.tsx'
import { TextPreview } from './text-preview.tsx'
import { TrackPreview } from './track-preview.tsx'
import { useTask, type Task } from './use-task.ts'

export interface PreviewProps {
  /** Its name, for those who do not see what is shown. Nothing else of it counts: kinds are told by content. */
  readonly entry: { readonly name: string }
  /** An opened object, to be closed by whoever opened it. */
  readonly reader: PreviewSource
  /** Ends reading. It also ends when the component goes. */
  readonly signal?: AbortSignal
}

/** Previews that read all of an object do so unasked up to this. */
const MAX_UNASKED_BYTES = 32 * 1024 * 1024

/** Shows what is in an object: text, a table, an image, the track of an NMEA 0183 log, or its first bytes. Never as a document. */
export function Preview({ entry, reader, signal }: PreviewProps) {
  const look: Task<{ reading: ReadHead; kind: PreviewKind }> = useCallback(
    async (options) => {
      const reading = await readHead(reader, options.signal)
      return { reading, kind: await kindOf(reading.head, reader.plainBytes) }
    },
    [reader],
  )
  const { plainBytes } = reader
  return (
    <div className="preview">
      <TaskOutcome of={useTask(look, plainBytes, signal)} totalBytes={plainBytes}>
        {({ reading, kind }) => (
          <ByKind kind={kind} name={entry.name} reading={reading} signal={signal} />
        )}
      </TaskOutcome>
    </div>
  )
}

function ByKind({ kind, ...props }: KindProps & { kind: PreviewKind }) {
  const { t } = usePreviewText()
  switch (kind.kind) {
    case 'empty':
      return <p className="quiet">{t('preview.empty')}</p>
    case 'text':
      return <TextPreview {...props} encoding={kind.encoding} />
    case 'table':
      return <TablePreview {...props} encoding={kind.encoding} />
    case 'other':
      return <HexPreview {...props} mediaType={kind.mediaType} />
    case 'image':
      return (
        <WhenAsked plainBytes={props.reading.source.plainBytes}>
          <ImagePreview {...props} mediaType={kind.mediaType} />
        </WhenAsked>
      )
    case 'nmea':
      return (
        <WhenAsked plainBytes={props.reading.source.plainBytes}>
          <TrackPreview {...props} />
        </WhenAsked>
      )
  }
}

/** Large objects are read whole only when their owner asks for it: that may come over a satellite. */
function WhenAsked({ plainBytes, children }: { plainBytes: number; children: ReactNode }) {
  const { t } = usePreviewText()
  const { bytes } = useFormat()
  const [isAsked, setIsAsked] = useState(plainBytes <= MAX_UNASKED_BYTES)
  if (isAsked) return children
  return (
    <div className="notice">
      <p>{t('preview.large', { size: bytes(plainBytes) })}</p>
      <button type="button" className="button" onClick={() => setIsAsked(true)}>
        {t('preview.showLarge')}
      </button>
    </div>
  )
}
