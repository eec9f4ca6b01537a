import { useMemo } from 'react'
import { usePreviewText } from './i18n/preview-text.ts'
import { useFormat } from '../../ui/use-format.ts'
import { decodeText } from './decode-text.ts'
import { foldLines, MAX_LINE_CHARACTERS } from './fold-lines.ts'
import type { TextEncoding } from './kind-of.ts'
import type { ReadHead } from './preview-source.ts'
import type { KindProps } from './kind-props.ts'
import { revealControls } from './reveal-controls.ts'

/** What was decoded, and what to say of it. */
export interface ShownText {
  readonly text: string
  readonly isWhole: boolean
  readonly notes: readonly string[]
}

const ENCODING_KEYS = {
  'utf-8': 'text.utf8',
  'utf-16le': 'text.utf16le',
  'utf-16be': 'text.utf16be',
  gb18030: 'text.gb18030',
  latin1: 'text.latin1',
} as const

/** The beginning of an object as text in which nothing hides. */
export function useShownText({ head, source }: ReadHead, encoding: TextEncoding): ShownText {
  const { t } = usePreviewText()
  const isWhole = head.length === source.plainBytes
  const { text, invalid, directions, hidden } = useMemo(() => {
    const decoded = decodeText(head, encoding, isWhole)
    return { ...revealControls(decoded.text), invalid: decoded.invalid }
  }, [head, encoding, isWhole])
  const notes = [
    ...(invalid > 0 ? [t('text.invalid', { count: invalid })] : []),
    ...(directions > 0 ? [t('text.directions', { count: directions })] : []),
    ...(hidden > 0 ? [t('text.hidden', { count: hidden })] : []),
  ]
  return { text, isWhole, notes }
}

/** What an encoding is called in the reader's language. */
export function useEncodingName(encoding: TextEncoding): string {
  const { t } = usePreviewText()
  return t(ENCODING_KEYS[encoding])
}

/** Says what of a text does not show by itself. */
export function TextNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null
  return (
    <div className="notice" data-tone="warn">
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
    </div>
  )
}

/** Lists and tables keep their columns and scroll; prose has no line ends of its own. */
const LONG_LINE_CHARACTERS = 160

/** The beginning of a text. */
export function TextPreview({ name, reading, encoding }: KindProps & { encoding: TextEncoding }) {
  const { t } = usePreviewText()
  const { bytes } = useFormat()
  const { text, isWhole, notes } = useShownText(reading, encoding)
  const kind = useEncodingName(encoding)
  const { head, source } = reading
  const folded = useMemo(() => foldLines(text), [text])
  const isFolded = folded.longest > MAX_LINE_CHARACTERS
  return (
    <>
      <p className="quiet">
        {isWhole
          ? t('text.whole', { kind })
          : t('text.part', { kind, part: bytes(head.length), total: bytes(source.plainBytes) })}
        {isFolded && ` ${t('text.folded', { limit: MAX_LINE_CHARACTERS })}`}
      </p>
      <TextNotes notes={notes} />
      <pre
        className="preview-text"
        data-wraps={folded.longest > LONG_LINE_CHARACTERS}
        tabIndex={0}
        role="region"
        aria-label={t('text.label', { name })}
      >
        {folded.blocks.map((block, index) => (
          <div key={index}>{block}</div>
        ))}
      </pre>
    </>
  )
}
