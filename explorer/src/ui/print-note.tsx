import { useLocation } from 'react-router'
import { formatTime } from '../format/format-time.ts'
import { useText } from '../i18n/text.tsx'
import { useNow } from './now.ts'

/** Stands on paper only: when this was printed, where it is from, and what counts. */
export function PrintNote() {
  const { t } = useText()
  const nowMs = useNow()
  const { pathname, search } = useLocation()
  const address = `${location.origin}${pathname}${search}`
  return <p className="print-note">{t('print.note', { time: formatTime(nowMs) ?? '', address })}</p>
}
