import { useText } from '../i18n/text.tsx'

/** What will stand there. */
export type Shape = 'lines' | 'table' | 'figures' | 'facts' | 'chart'

/** About as many parts as the pages' own have: nothing jumps when the answer comes. */
const PARTS: Readonly<Record<Shape, number>> = {
  lines: 6,
  table: 12,
  figures: 6,
  facts: 4,
  chart: 1,
}

/** Stands where an answer will be, in its form and size. */
export function Waiting({ shapes }: { shapes: readonly Shape[] }) {
  const { t } = useText()
  return (
    <div className="waiting" role="status">
      <span className="visually-hidden">{t('common.loading')}</span>
      {shapes.map((shape, place) => (
        <Skeleton key={place} shape={shape} parts={PARTS[shape]} />
      ))}
    </div>
  )
}

/** Pale marks in the form of something. */
export function Skeleton({ shape, parts }: { shape: Shape; parts: number }) {
  return (
    <div className="skeleton" data-shape={shape} aria-hidden="true">
      {Array.from({ length: parts }, (_, part) => (
        <span key={part} />
      ))}
    </div>
  )
}
