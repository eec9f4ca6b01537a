import type { ApiSearchHit } from '@orlop/protocol/api/search'
import { useSearchParams } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { NodeLink, ObjectLink, ShipLink, TransactionLink } from '../ui/names.tsx'
import { PageHead } from '../ui/page.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['table'] as const

/** What on the ledger fits a text. */
export function SearchPage() {
  const { t } = useText()
  const [address] = useSearchParams()
  const query = (address.get('q') ?? '').trim()
  return (
    <>
      <PageHead title={t('search.title')} lead={t('search.hint')} />
      {query === '' ? <Empty>{t('search.askFirst')}</Empty> : <Hits query={query} />}
    </>
  )
}

function Hits({ query }: { query: string }) {
  const { t } = useText()
  const hits = useAnswer('search', { query: { q: query } })
  const columns: Column<ApiSearchHit>[] = [
    {
      key: 'kind',
      header: t('search.kind'),
      cell: ({ kind }) => t(`search.kind_${kind}`),
      sortBy: ({ kind }) => kind,
    },
    { key: 'hit', header: t('search.name'), cell: (hit) => <Hit hit={hit} /> },
    { key: 'about', header: t('search.about'), cell: (hit) => <About hit={hit} /> },
  ]
  return (
    <Answer of={hits} waiting={<Waiting shapes={SHAPES} />}>
      {({ items }) => (
        <div className="panel">
          <p role="status">{t('search.results', { count: items.length, query })}</p>
          {items.length === 0 ? (
            <Empty>{t('search.nothing', { query })}</Empty>
          ) : (
            <DataTable caption={t('search.title')} columns={columns} rows={items} keyOf={keyOf} />
          )}
        </div>
      )}
    </Answer>
  )
}

function keyOf(hit: ApiSearchHit): string {
  switch (hit.kind) {
    case 'object':
      return `${hit.clientId}-${hit.objectId}`
    case 'transaction':
      return hit.transactionHash
    case 'node':
      return `node-${hit.nodeId}`
    case 'client':
      return `client-${hit.clientId}`
  }
}

function Hit({ hit }: { hit: ApiSearchHit }) {
  switch (hit.kind) {
    case 'object':
      return <ObjectLink clientId={hit.clientId} objectId={hit.objectId} />
    case 'transaction':
      return <TransactionLink hash={hit.transactionHash} />
    case 'node':
      return <NodeLink nodeId={hit.nodeId} name={hit.name} />
    case 'client':
      return <ShipLink clientId={hit.clientId} name={hit.name} />
  }
}

function About({ hit }: { hit: ApiSearchHit }) {
  const { t } = useText()
  switch (hit.kind) {
    case 'object':
      return <ShipLink clientId={hit.clientId} name={hit.clientName} />
    case 'transaction':
      return hit.kinds.map((kind) => t(`kind.${kind}`)).join(', ')
    case 'node':
      return `${t('common.node')} ${hit.nodeId}`
    case 'client':
      return hit.imoNumber === null ? t('ship.shore') : `IMO ${hit.imoNumber}`
  }
}
