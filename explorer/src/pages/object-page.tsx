import { MAX_DETAIL_ITEMS, type ApiObjectDetail } from '@orlop/protocol/api/objects'
import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import { Link, useParams } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { ratingKey, useRatingColumns } from '../columns/rating-columns.tsx'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { levelKey } from '../format/code-names.ts'
import { shorten } from '../format/shorten.ts'
import { useText } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import { CsvButton } from '../ui/csv-button.tsx'
import { DataTable, type Column } from '../ui/data-table.tsx'
import { LifeLine } from '../ui/life-line.tsx'
import { Hash, ShipLink } from '../ui/names.tsx'
import { Facts, PageHead, Panel } from '../ui/page.tsx'
import { Answer } from '../ui/states.tsx'
import { Expiry, Time } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { VerifyPanel } from '../ui/verify-panel.tsx'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['facts', 'lines', 'table'] as const

/** One object: its life line, its strips, and whether the ledger agrees. */
export function ObjectPage() {
  const { t } = useText()
  const { clientId = '', objectId = '' } = useParams()
  const object = useAnswer('object', { params: { clientId, objectId } })
  return (
    <>
      <PageHead
        title={t('object.title')}
        windowTitle={t('object.named', { id: shorten(objectId) })}
        lead={<Hash value={objectId} label={t('common.object')} isWhole />}
        eyebrow={<Link to="/objects">{t('nav.objects')}</Link>}
        action={
          object.data !== undefined && (
            <button type="button" className="button" onClick={() => print()}>
              {t('object.print')}
            </button>
          )
        }
      />
      <Answer
        of={object}
        notFound={t('object.unknown', { id: objectId, ship: clientId })}
        waiting={<Waiting shapes={SHAPES} />}
        ways={
          <>
            <Link to={`/ships/${clientId}`}>{t('object.ofShip')}</Link>
            <Link to="/objects">{t('object.all')}</Link>
          </>
        }
      >
        {(data) => <ObjectDetail object={data} />}
      </Answer>
    </>
  )
}

function ObjectDetail({ object }: { object: ApiObjectDetail }) {
  const { t } = useText()
  return (
    <>
      <ObjectFacts object={object} />
      {object.isTruncated && (
        <p className="notice">{t('transaction.truncated', { limit: MAX_DETAIL_ITEMS })}</p>
      )}
      <Panel title={t('object.lifeLine')}>
        <LifeLine object={object} />
      </Panel>
      <Strips strips={object.strips} />
      <VerifyPanel strips={object.strips} />
      {object.ratings.length > 0 && <Ratings object={object} />}
    </>
  )
}

function ObjectFacts({ object }: { object: ApiObjectDetail }) {
  const { t } = useText()
  const { bytes, className } = useFormat()
  const level = levelKey(object.level)
  const { k, m } = object
  return (
    <Facts
      facts={[
        {
          label: t('object.owner'),
          value: <ShipLink clientId={object.clientId} name={object.clientName} />,
        },
        { label: t('common.state'), value: <Badge state={object.state} /> },
        { label: t('common.class'), value: className(object.classCode) },
        {
          label: t('common.level'),
          value: level === null ? object.level : `${object.level} · ${t(`level.${level}`)}`,
        },
        { label: t('object.sealedSize'), value: bytes(object.streamBytes) },
        {
          label: t('object.parts'),
          value:
            k === 1 ? t('object.partsCopies', { count: k + m }) : t('object.partsShares', { k, m }),
        },
        { label: t('objects.recorded'), value: <Time timeMs={object.firstRecordedMs} /> },
        { label: t('common.expires'), value: <Expiry seconds={object.expirySeconds} /> },
        {
          label: t('object.header'),
          value: <Hash value={object.headerHash} label={t('object.header')} />,
        },
      ]}
    />
  )
}

const COLUMNS = ['strip', 'node', 'state', 'size', 'expires', 'score', 'transaction'] as const

function Strips({ strips }: { strips: ApiReceipt[] }) {
  const { t } = useText()
  const shown = useReceiptColumns(COLUMNS)
  const [strip, node, ...rest] = shown
  const kind = ({ index, k }: ApiReceipt) =>
    t(k === 1 ? 'object.copy' : index < k ? 'object.data' : 'object.parity')
  const columns: Column<ApiReceipt>[] = [
    ...(strip === undefined ? [] : [strip]),
    { key: 'kind', header: t('object.kind'), cell: kind, csv: kind },
    ...(node === undefined ? [] : [node]),
    {
      key: 'sequence',
      header: t('object.sequence'),
      cell: ({ sequence }) => `#${sequence}`,
      csv: ({ sequence }) => sequence,
      isNumber: true,
    },
    {
      key: 'root',
      header: t('common.root'),
      cell: ({ root }) => <Hash value={root} label={t('common.root')} />,
      csv: ({ root }) => root,
    },
    ...rest,
  ]
  return (
    <Panel
      title={t('object.stripsTitle')}
      action={
        <CsvButton
          name="orlop-strips"
          columns={columns}
          readRows={() => Promise.resolve({ items: strips, isCut: false })}
        />
      }
    >
      <DataTable
        caption={t('object.stripsCaption')}
        columns={columns}
        rows={strips}
        keyOf={receiptKey}
      />
    </Panel>
  )
}

function Ratings({ object: { ratings } }: { object: ApiObjectDetail }) {
  const { t } = useText()
  const columns = useRatingColumns({ hasNode: true }).filter(({ key }) => key !== 'object')
  return (
    <Panel title={t('common.ratings')}>
      <DataTable caption={t('common.ratings')} columns={columns} rows={ratings} keyOf={ratingKey} />
    </Panel>
  )
}
