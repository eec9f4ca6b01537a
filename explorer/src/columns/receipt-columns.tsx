import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import { useMemo } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import type { Column } from '../ui/data-table.tsx'
import { NodeLink, ObjectLink, ShipLink, TransactionLink } from '../ui/names.tsx'
import { Age, Expiry } from '../ui/time.tsx'
import { useFormat, type Format } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** The key of a receipt: a node gives each number once. */
export function receiptKey({ nodeId, sequence }: ApiReceipt): string {
  return `${nodeId}-${sequence}`
}

type ReceiptColumn = keyof ReturnType<typeof placeColumns> | keyof ReturnType<typeof factColumns>

/** Columns of a table of storage records, those asked for in their order. */
export function useReceiptColumns(wanted: readonly ReceiptColumn[]): Column<ApiReceipt>[] {
  const { t } = useText()
  const format = useFormat()
  return useMemo(() => {
    const columns = { ...placeColumns(t), ...factColumns(t, format) }
    return wanted.map((key) => columns[key])
  }, [t, format, wanted])
}

/** Where a record stands and whose it is. */
function placeColumns(t: Translate) {
  const receiptColumn = valueColumn<ApiReceipt>
  return {
    time: receiptColumn('time', {
      header: t('common.time'),
      value: ({ position }) => position.blockTimeMs,
      show: ({ position }) => <Age timeMs={position.blockTimeMs} />,
      csv: ({ position }) => csvTime(position.blockTimeMs),
    }),
    object: {
      key: 'object',
      header: t('common.object'),
      cell: (row: ApiReceipt) => <ObjectLink {...row} />,
      csv: (row: ApiReceipt) => row.objectId,
    },
    strip: {
      key: 'strip',
      header: t('common.strip'),
      cell: ({ index, k, m }: ApiReceipt) => (
        <span className="nowrap">{t('receipts.stripOf', { index: index + 1, total: k + m })}</span>
      ),
      csv: ({ index }: ApiReceipt) => index,
    },
    ship: receiptColumn('ship', {
      header: t('common.ship'),
      value: ({ clientName }) => clientName,
      show: ({ clientId, clientName }) => <ShipLink clientId={clientId} name={clientName} />,
    }),
    node: receiptColumn('node', {
      header: t('common.node'),
      value: ({ nodeName }) => nodeName,
      show: ({ nodeId, nodeName }) => <NodeLink nodeId={nodeId} name={nodeName} />,
    }),
    transaction: {
      key: 'transaction',
      header: t('common.transaction'),
      cell: ({ position }: ApiReceipt) => <TransactionLink hash={position.transactionHash} />,
      csv: ({ position }: ApiReceipt) => position.transactionHash,
    },
  }
}

/** What a record says. */
function factColumns(t: Translate, { bytes, className, count }: Format) {
  const receiptColumn = valueColumn<ApiReceipt>
  return {
    class: receiptColumn('class', {
      header: t('common.class'),
      value: ({ classCode }) => className(classCode),
      show: ({ classCode }) => <span className="nowrap">{className(classCode)}</span>,
    }),
    level: receiptColumn('level', {
      header: t('common.level'),
      value: ({ level }) => level,
      isNumber: true,
    }),
    size: receiptColumn('size', {
      header: t('common.size'),
      value: ({ streamBytes }) => streamBytes,
      show: ({ streamBytes }) => bytes(streamBytes),
      isNumber: true,
    }),
    expires: receiptColumn('expires', {
      header: t('common.expires'),
      value: ({ expirySeconds }) => expirySeconds,
      show: ({ expirySeconds }) => <Expiry seconds={expirySeconds} />,
      csv: ({ expirySeconds }) => csvTime(expirySeconds * 1000),
    }),
    state: receiptColumn('state', {
      header: t('common.state'),
      value: ({ state }) => state,
      show: ({ state }) => <Badge state={state} />,
    }),
    score: receiptColumn('score', {
      header: t('object.rating'),
      value: ({ score }) => score ?? 0,
      show: ({ score }) =>
        score === null ? t('common.none') : t('node.rated', { score: count(score) }),
      csv: ({ score }) => score,
      isNumber: true,
    }),
  }
}
