import type { ApiNode } from '@orlop/protocol/api/nodes'
import { useMemo } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import { Badge } from '../ui/badge.tsx'
import type { Column } from '../ui/data-table.tsx'
import { LevelBar } from '../ui/level-bar.tsx'
import { NodeLink } from '../ui/names.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat, type Format } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** How much of a node's room is free, 0 to 1. */
function freeShare({ capacityBytes, freeBytes }: ApiNode): number {
  return capacityBytes === 0 ? 0 : Math.min(1, freeBytes / capacityBytes)
}

/** Columns of the table of nodes. */
export function useNodeColumns(): Column<ApiNode>[] {
  const { t } = useText()
  const format = useFormat()
  return useMemo(
    () => [...nameColumns(t), ...workColumns(t, format), ...roomColumns(t, format)],
    [t, format],
  )
}

function nameColumns(t: Translate): Column<ApiNode>[] {
  return [
    valueColumn('name', {
      header: t('nodes.name'),
      value: ({ name }) => name,
      show: ({ nodeId, name, isMaster }) => (
        <span className="tagged">
          <NodeLink nodeId={nodeId} name={name} />
          {isMaster && (
            <span className="tag" title={t('nodes.masterTitle')}>
              {t('nodes.master')}
            </span>
          )}
        </span>
      ),
    }),
    valueColumn('state', {
      header: t('common.state'),
      value: ({ state }) => state,
      show: ({ state }) => <Badge state={state} />,
    }),
    valueColumn('tier', { header: t('common.tier'), value: ({ tier }) => t(`tier.${tier}`) }),
    valueColumn('region', { header: t('common.region'), value: ({ region }) => region }),
  ]
}

function workColumns(t: Translate, { bytes, count, credit }: Format): Column<ApiNode>[] {
  return [
    valueColumn('credit', {
      header: t('common.credit'),
      value: ({ creditMillionths }) => creditMillionths / 10_000,
      show: ({ creditMillionths, isCreditConfirmed }) => (
        <span className="tagged">
          <LevelBar share={creditMillionths / 1_000_000} text={credit(creditMillionths)} />
          {!isCreditConfirmed && (
            <span className="badge" data-tone="bad" title={t('nodes.creditDiffers')}>
              <span className="visually-hidden">{t('nodes.creditDiffers')}</span>
            </span>
          )}
        </span>
      ),
    }),
    valueColumn('ratings', {
      header: t('common.ratings'),
      value: ({ ratings }) => ratings,
      show: ({ ratings }) => count(ratings),
      isNumber: true,
    }),
    valueColumn('liveStrips', {
      header: t('common.strips'),
      value: ({ liveStrips }) => liveStrips,
      show: ({ liveStrips }) => count(liveStrips),
      isNumber: true,
    }),
    valueColumn('liveBytes', {
      header: t('node.kept'),
      value: ({ liveBytes }) => liveBytes,
      show: ({ liveBytes }) => bytes(liveBytes),
      isNumber: true,
    }),
  ]
}

function roomColumns(t: Translate, { bytes }: Format): Column<ApiNode>[] {
  return [
    valueColumn('freeBytes', {
      header: t('nodes.free'),
      value: ({ freeBytes }) => freeBytes,
      show: (node) => (
        <LevelBar
          share={freeShare(node)}
          text={t('common.of', { part: bytes(node.freeBytes), whole: bytes(node.capacityBytes) })}
        />
      ),
    }),
    valueColumn('lastSeen', {
      header: t('nodes.lastSeen'),
      value: ({ lastSeenMs }) => lastSeenMs,
      show: ({ lastSeenMs }) =>
        lastSeenMs === 0 ? t('common.never') : <Age timeMs={lastSeenMs} />,
      csv: ({ lastSeenMs }) => csvTime(lastSeenMs),
    }),
  ]
}
