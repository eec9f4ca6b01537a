import type { ApiRegistryEvent } from '@orlop/protocol/api/history'
import type { ReactNode } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import type { Column } from '../ui/data-table.tsx'
import { NodeLink, ShipLink, TransactionLink } from '../ui/names.tsx'
import { useRegistryText } from '../ui/registry-text.ts'
import { Age } from '../ui/time.tsx'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** The key of an event of the registry: where it stands on the ledger. */
export function registryKey({ position }: ApiRegistryEvent): string {
  return `${position.transactionHash}-${position.logIndex}`
}

type RegistryColumn = 'time' | 'party' | 'event' | 'details' | 'transaction'

/** Columns of a table of what became of nodes, ships and roles. */
export function useRegistryColumns(names: readonly RegistryColumn[]): Column<ApiRegistryEvent>[] {
  const { t } = useText()
  const describe = useRegistryText()
  const all: Record<RegistryColumn, Column<ApiRegistryEvent>> = {
    time: valueColumn('time', {
      header: t('common.time'),
      value: ({ position }) => position.blockTimeMs,
      show: ({ position }) => <Age timeMs={position.blockTimeMs} />,
      csv: ({ position }) => csvTime(position.blockTimeMs),
    }),
    party: { key: 'party', header: t('transactions.parties'), cell: (event) => partyOf(event, t) },
    event: valueColumn('event', {
      header: t('history.event'),
      value: (event) => describe(event).title,
    }),
    details: valueColumn('details', {
      header: t('history.details'),
      value: (event) => describe(event).text,
      // Names and reasons are strangers' words, in any direction of writing.
      show: (event) => <bdi>{describe(event).text || t('common.none')}</bdi>,
    }),
    transaction: {
      key: 'transaction',
      header: t('common.transaction'),
      cell: ({ position }) => <TransactionLink hash={position.transactionHash} />,
      csv: ({ position }) => position.transactionHash,
    },
  }
  return names.map((name) => all[name])
}

function partyOf(event: ApiRegistryEvent, t: Translate): ReactNode {
  if ('nodeId' in event) return <NodeLink nodeId={event.nodeId} name={event.nodeName} />
  if ('clientId' in event) return <ShipLink clientId={event.clientId} name={event.clientName} />
  if (event.kind === 'masterChanged' && event.toNodeId !== null) {
    return <NodeLink nodeId={event.toNodeId} name="" />
  }
  return t('common.none')
}
