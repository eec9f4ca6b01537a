import type { ApiClassTotal } from '@orlop/protocol/api/clients'
import { sortRows } from './sort-rows.ts'
import { Bars } from './bars.tsx'
import { useFormat } from './use-format.ts'

/** Bytes by class of data, the largest first. @param of - whose records a class leads to; everybody's by default. */
export function ClassBars({
  classes,
  of = '',
}: {
  classes: readonly ApiClassTotal[]
  of?: string
}) {
  const format = useFormat()
  const largestFirst = sortRows(classes, ({ streamBytes }) => streamBytes, true)
  return (
    <Bars
      bars={largestFirst.map(({ classCode, streamBytes }) => ({
        key: String(classCode),
        label: format.className(classCode),
        value: streamBytes,
        text: format.bytes(streamBytes),
        to: `/records?${of}classCode=${classCode}`,
      }))}
    />
  )
}
