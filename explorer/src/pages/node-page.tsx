import type { ApiNode } from '@orlop/protocol/api/nodes'
import { Link, useParams } from 'react-router'
import { useAnswer } from '../api/use-answer.ts'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { useText } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import { CreditHistory } from '../ui/credit-history.tsx'
import { ListTable } from '../ui/list-table.tsx'
import { Hash } from '../ui/names.tsx'
import { Facts, Figures, PageHead, Panel } from '../ui/page.tsx'
import { RegistryHistory } from '../ui/registry-history.tsx'
import { Answer, Empty } from '../ui/states.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat } from '../ui/use-format.ts'
import { Waiting } from '../ui/waiting.tsx'

const SHAPES = ['figures', 'facts', 'chart', 'table'] as const

/** One node: its room, its credit with every cause, its strips. */
export function NodePage() {
  const { t } = useText()
  const { nodeId = '' } = useParams()
  const node = useAnswer('node', { params: { nodeId } })
  return (
    <>
      {node.data === undefined && (
        <PageHead
          title={t('node.title', { name: nodeId })}
          eyebrow={<Link to="/nodes">{t('nav.nodes')}</Link>}
        />
      )}
      <Answer
        of={node}
        notFound={t('node.unknown', { id: nodeId })}
        ways={<Link to="/nodes">{t('node.all')}</Link>}
        waiting={<Waiting shapes={SHAPES} />}
      >
        {(data) => (
          <>
            <Node node={data} />
            <CreditHistory nodeId={data.nodeId} />
            <RegistryHistory of="node" id={data.nodeId} />
            <Strips nodeId={data.nodeId} />
          </>
        )}
      </Answer>
    </>
  )
}

function Node({ node }: { node: ApiNode }) {
  const { t } = useText()
  return (
    <>
      <PageHead
        title={t('node.title', { name: node.name === '' ? node.nodeId : node.name })}
        eyebrow={<Link to="/nodes">{t('nav.nodes')}</Link>}
        lead={
          <>
            <Badge state={node.state} /> · {t(`tier.${node.tier}`)}
            {node.region !== '' && ` · ${node.region}`}
            {node.isMaster && ` · ${t('nodes.master')}`}
          </>
        }
      />
      <NodeFigures node={node} />
      <Facts
        facts={[
          {
            label: t('node.account'),
            value: <Hash value={node.account} label={t('node.account')} />,
          },
          { label: t('node.peerId'), value: <Hash value={node.peerId} label={t('node.peerId')} /> },
          {
            label: t('node.addresses'),
            value:
              node.addresses.length === 0 ? (
                t('node.noAddresses')
              ) : (
                <ul className="mono">
                  {node.addresses.map((address) => (
                    <li key={address}>
                      <Hash value={address} label={t('node.addresses')} isWhole />
                    </li>
                  ))}
                </ul>
              ),
          },
        ]}
      />
    </>
  )
}

function NodeFigures({ node }: { node: ApiNode }) {
  const { t } = useText()
  const { bytes, count, credit } = useFormat()
  const { capacityBytes, freeBytes } = node
  return (
    <>
      <Figures
        figures={[
          { label: t('common.credit'), value: credit(node.creditMillionths) },
          { label: t('common.ratings'), value: count(node.ratings) },
          { label: t('common.strips'), value: count(node.liveStrips) },
          { label: t('node.kept'), value: bytes(node.liveBytes) },
          {
            label: t('nodes.capacity'),
            value: bytes(capacityBytes),
            hint: t('nodes.freeOf', { free: bytes(freeBytes) }),
          },
          {
            label: t('nodes.lastSeen'),
            value: node.lastSeenMs === 0 ? t('common.never') : <Age timeMs={node.lastSeenMs} />,
          },
        ]}
      />
      <p className="notice" data-tone={node.isCreditConfirmed ? 'good' : 'bad'}>
        {node.isCreditConfirmed
          ? t('node.creditAgrees')
          : t('node.creditDiffers', {
              recomputed: credit(node.recomputedMillionths),
              contract: credit(node.creditMillionths),
            })}
      </p>
    </>
  )
}

const COLUMNS = [
  'time',
  'object',
  'strip',
  'ship',
  'class',
  'size',
  'expires',
  'state',
  'score',
  'transaction',
] as const

function Strips({ nodeId }: { nodeId: number }) {
  const { t } = useText()
  const columns = useReceiptColumns(COLUMNS)
  return (
    <Panel
      title={t('node.records')}
      action={<Link to={`/records?nodeId=${nodeId}`}>{t('node.allRecords')}</Link>}
    >
      <ListTable
        route="receipts"
        question={{ query: { nodeId } }}
        caption={t('node.records')}
        columns={columns}
        keyOf={receiptKey}
        empty={<Empty>{t('node.noRecords')}</Empty>}
        fileName={`orlop-node-${nodeId}-records`}
      />
    </Panel>
  )
}
