import type { ApiClientDetail } from '@orlop/protocol/api/clients'
import { Link, useParams } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { objectKey, useObjectColumns } from '../columns/object-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import { ClassBars } from '../ui/class-bars.tsx'
import { ListTable } from '../ui/list-table.tsx'
import { Hash } from '../ui/names.tsx'
import { Facts, Figures, PageHead, Panel } from '../ui/page.tsx'
import { RegistryHistory } from '../ui/registry-history.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['figures', 'facts', 'table'] as const

/** One ship or shore office and what it stored. */
export function ShipPage() {
  const { t } = useText()
  const { clientId = '' } = useParams()
  const ship = useAnswer('client', { params: { clientId } })
  return (
    <>
      {ship.data === undefined && (
        <PageHead
          title={`${t('common.ship')} ${clientId}`}
          eyebrow={<Link to="/ships">{t('nav.ships')}</Link>}
        />
      )}
      <Answer
        of={ship}
        notFound={t('ship.unknown', { id: clientId })}
        ways={<Link to="/ships">{t('ship.all')}</Link>}
        waiting={<Waiting shapes={SHAPES} />}
      >
        {(data) => <Ship ship={data} />}
      </Answer>
    </>
  )
}

const IMPORTANCE = [
  'ship.importanceAny',
  'ship.importanceCritical',
  'ship.importanceImportant',
  'ship.importanceRoutine',
] as const

function Ship({ ship }: { ship: ApiClientDetail }) {
  const { t } = useText()
  const { bytes, count } = useFormat()
  const title = ship.name === '' ? `${t('common.ship')} ${ship.clientId}` : ship.name
  return (
    <>
      <PageHead
        title={title}
        eyebrow={<Link to="/ships">{t('nav.ships')}</Link>}
        lead={
          <>
            {ship.imoNumber === null ? t('ship.shore') : `IMO ${ship.imoNumber}`} ·{' '}
            <Badge state={ship.state} />
          </>
        }
      />
      <Figures
        figures={[
          { label: t('common.objects'), value: count(ship.objects) },
          { label: t('common.records'), value: count(ship.receipts) },
          { label: t('ship.bytes'), value: bytes(ship.liveBytes) },
          {
            label: t('ships.lastRecord'),
            value:
              ship.lastRecordedMs === null ? (
                t('common.never')
              ) : (
                <Age timeMs={ship.lastRecordedMs} />
              ),
          },
        ]}
      />
      <Facts
        facts={[
          { label: t('ship.signer'), value: <Hash value={ship.signer} label={t('ship.signer')} /> },
          {
            label: t('ship.recovery'),
            value: <Hash value={ship.recovery} label={t('ship.recovery')} />,
          },
          {
            label: t('ship.openingKey'),
            value: <Hash value={ship.openingKey} label={t('ship.openingKey')} />,
          },
          {
            label: t('ship.minimumImportance'),
            value: t(IMPORTANCE[ship.minimumImportance] ?? IMPORTANCE[0]),
          },
        ]}
      />
      {ship.classes.length > 0 && (
        <Panel title={t('ship.byClass')}>
          <ClassBars classes={ship.classes} of={`clientId=${ship.clientId}&`} />
        </Panel>
      )}
      <Objects clientId={ship.clientId} />
      <RegistryHistory of="ship" id={ship.clientId} />
    </>
  )
}

function Objects({ clientId }: { clientId: number }) {
  const { t } = useText()
  const columns = useObjectColumns({ hasShip: false })
  return (
    <Panel
      title={t('ship.objects')}
      action={<Link to={`/records?clientId=${clientId}`}>{t('ship.records')}</Link>}
    >
      <ListTable
        route="objects"
        question={{ query: { clientId } }}
        caption={t('objects.caption')}
        columns={columns}
        keyOf={objectKey}
        empty={<Empty>{t('ship.noObjects')}</Empty>}
        fileName={`orlop-ship-${clientId}-objects`}
      />
    </Panel>
  )
}
