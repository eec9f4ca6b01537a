import type { ApiObject } from '@orlop/protocol/api/objects'
import { useMemo } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import type { Column } from '../ui/data-table.tsx'
import { ObjectLink, ShipLink } from '../ui/names.tsx'
import { Age, Expiry } from '../ui/time.tsx'
import { useFormat, type Format } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** The key of an object: another ship's use of the same name is another object. */
export function objectKey({ clientId, objectId }: ApiObject): string {
  return `${clientId}-${objectId}`
}

/** Columns of a table of objects. */
export function useObjectColumns({ hasShip }: { hasShip: boolean }): Column<ApiObject>[] {
  const { t } = useText()
  const format = useFormat()
  return useMemo(() => {
    const columns = [...nameColumns(t), ...factColumns(t, format)]
    return hasShip ? columns : columns.filter(({ key }) => key !== 'ship')
  }, [t, format, hasShip])
}

function nameColumns(t: Translate): Column<ApiObject>[] {
  return [
    valueColumn('recorded', {
      header: t('objects.recorded'),
      value: ({ firstRecordedMs }) => firstRecordedMs,
      show: ({ firstRecordedMs }) => <Age timeMs={firstRecordedMs} />,
      csv: ({ firstRecordedMs }) => csvTime(firstRecordedMs),
    }),
    {
      key: 'object',
      header: t('common.object'),
      cell: (row) => <ObjectLink {...row} />,
      csv: ({ objectId }) => objectId,
    },
    valueColumn('ship', {
      header: t('common.ship'),
      value: ({ clientName }) => clientName,
      show: ({ clientId, clientName }) => <ShipLink clientId={clientId} name={clientName} />,
    }),
  ]
}

function factColumns(t: Translate, { bytes, className }: Format): Column<ApiObject>[] {
  return [
    valueColumn('class', {
      header: t('common.class'),
      value: ({ classCode }) => className(classCode),
      show: ({ classCode }) => <span className="nowrap">{className(classCode)}</span>,
    }),
    valueColumn('level', {
      header: t('common.level'),
      value: ({ level }) => level,
      isNumber: true,
    }),
    valueColumn('liveStrips', {
      header: t('objects.live'),
      value: ({ liveStrips }) => liveStrips,
      show: ({ liveStrips, k, m }) => t('objects.liveOf', { live: liveStrips, total: k + m }),
      isNumber: true,
    }),
    valueColumn('size', {
      header: t('common.size'),
      value: ({ streamBytes }) => streamBytes,
      show: ({ streamBytes }) => bytes(streamBytes),
      isNumber: true,
    }),
    valueColumn('expires', {
      header: t('common.expires'),
      value: ({ expirySeconds }) => expirySeconds,
      show: ({ expirySeconds }) => <Expiry seconds={expirySeconds} />,
      csv: ({ expirySeconds }) => csvTime(expirySeconds * 1000),
    }),
    valueColumn('state', {
      header: t('common.state'),
      value: ({ state }) => state,
      show: ({ state }) => <Badge state={state} />,
    }),
  ]
}
