import type { ReactNode } from 'react'
import { useFormat } from '../../ui/use-format.ts'
import { Problem } from '../ui/problem.tsx'
import { usePreviewText } from './i18n/preview-text.ts'
import type { TaskState } from './use-task.ts'

/** What a task gave, the wait for it, or why it gave nothing. */
export function TaskOutcome<T>(props: {
  of: TaskState<T>
  /** Length of the object: the progress bar's end. */
  totalBytes: number
  children: (value: T) => ReactNode
}) {
  const { of: state, totalBytes } = props
  switch (state.status) {
    case 'done':
      return props.children(state.value)
    case 'failed':
      return <Problem error={state.error} onRetry={state.retry} />
    case 'running':
      return <Reading doneBytes={state.doneBytes} totalBytes={totalBytes} />
  }
}

function Reading({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }) {
  const { t } = usePreviewText()
  const { bytes } = useFormat()
  const text =
    doneBytes === 0
      ? t('preview.looking')
      : t('preview.reading', { done: bytes(doneBytes), total: bytes(totalBytes) })
  return (
    <div className="preview-reading">
      <span role="status">{text}</span>
      {doneBytes > 0 && <progress value={doneBytes} max={totalBytes} aria-label={text} />}
    </div>
  )
}
