import type { ApiClient } from '@orlop/protocol/api/clients'
import { useMemo } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import type { Column } from '../ui/data-table.tsx'
import { ShipLink } from '../ui/names.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat, type Format } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** Columns of the table of ships. */
export function useShipColumns(): Column<ApiClient>[] {
  const { t } = useText()
  const format = useFormat()
  return useMemo(() => [...nameColumns(t), ...workColumns(t, format)], [t, format])
}

function nameColumns(t: Translate): Column<ApiClient>[] {
  return [
    valueColumn('name', {
      header: t('ships.name'),
      value: ({ name }) => name,
      show: (ship) => <ShipLink {...ship} />,
    }),
    valueColumn('imoNumber', {
      header: t('ships.imo'),
      value: ({ imoNumber }) => imoNumber ?? 0,
      show: ({ imoNumber }) => imoNumber ?? t('ship.shore'),
      csv: ({ imoNumber }) => imoNumber,
    }),
    valueColumn('state', {
      header: t('common.state'),
      value: ({ state }) => state,
      show: ({ state }) => <Badge state={state} />,
    }),
  ]
}

function workColumns(t: Translate, { bytes, count }: Format): Column<ApiClient>[] {
  return [
    valueColumn('objects', {
      header: t('common.objects'),
      value: ({ objects }) => objects,
      show: ({ objects }) => count(objects),
      isNumber: true,
    }),
    valueColumn('records', {
      header: t('common.records'),
      value: ({ receipts }) => receipts,
      show: ({ receipts }) => count(receipts),
      isNumber: true,
    }),
    valueColumn('liveBytes', {
      header: t('ship.bytes'),
      value: ({ liveBytes }) => liveBytes,
      show: ({ liveBytes }) => bytes(liveBytes),
      isNumber: true,
    }),
    valueColumn('lastRecord', {
      header: t('ships.lastRecord'),
      value: ({ lastRecordedMs }) => lastRecordedMs ?? 0,
      show: ({ lastRecordedMs }) =>
        lastRecordedMs === null ? t('common.never') : <Age timeMs={lastRecordedMs} />,
      csv: ({ lastRecordedMs }) => csvTime(lastRecordedMs),
    }),
  ]
}
