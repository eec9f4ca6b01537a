import type { ApiTransactionSummary } from '@orlop/protocol/api/transactions'
import { useText } from '../i18n/text.tsx'
import type { Column } from '../ui/data-table.tsx'
import { NodeLink, ShipLink, TransactionLink } from '../ui/names.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

export function transactionKey({ transactionHash }: ApiTransactionSummary): string {
  return transactionHash
}

/** Columns of a table of transactions, whatever they did. */
export function useTransactionColumns(): Column<ApiTransactionSummary>[] {
  const { t } = useText()
  const { bytes, count } = useFormat()
  const dash = t('common.none')
  return [
    valueColumn('time', {
      header: t('common.time'),
      value: ({ blockTimeMs }) => blockTimeMs,
      show: ({ blockTimeMs }) => <Age timeMs={blockTimeMs} />,
      csv: ({ blockTimeMs }) => csvTime(blockTimeMs),
    }),
    {
      key: 'transaction',
      header: t('common.transaction'),
      cell: ({ transactionHash }) => <TransactionLink hash={transactionHash} />,
      csv: ({ transactionHash }) => transactionHash,
    },
    valueColumn('kinds', {
      header: t('transactions.kinds'),
      value: ({ kinds }) => kinds.map((kind) => t(`kind.${kind}`)).join(', '),
      csv: ({ kinds }) => kinds.join(' '),
    }),
    {
      key: 'parties',
      header: t('transactions.parties'),
      cell: (transaction) => <Parties {...transaction} />,
      csv: ({ clients, nodes }) => [...clients, ...nodes].map(({ name }) => name).join('; '),
    },
    valueColumn('records', {
      header: t('common.records'),
      value: ({ receiptCount }) => receiptCount,
      show: ({ receiptCount }) => (receiptCount === 0 ? dash : count(receiptCount)),
      isNumber: true,
    }),
    valueColumn('size', {
      header: t('common.size'),
      value: ({ streamBytes }) => streamBytes,
      show: ({ streamBytes, receiptCount }) => (receiptCount === 0 ? dash : bytes(streamBytes)),
      isNumber: true,
    }),
    valueColumn('block', {
      header: t('common.block'),
      value: ({ blockNumber }) => blockNumber,
      show: ({ blockNumber }) => count(blockNumber),
      isNumber: true,
    }),
  ]
}

function Parties({ clients, nodes }: Pick<ApiTransactionSummary, 'clients' | 'nodes'>) {
  const { t } = useText()
  const links = [
    ...clients.map((client) => <ShipLink key={`ship-${client.clientId}`} {...client} />),
    ...nodes.map((node) => <NodeLink key={`node-${node.nodeId}`} {...node} />),
  ]
  if (links.length === 0) return t('common.none')
  return links.map((link, place) => (
    <span key={link.key}>
      {place > 0 && ', '}
      {link}
    </span>
  ))
}
