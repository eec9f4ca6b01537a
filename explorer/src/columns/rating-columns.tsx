import type { ApiRating } from '@orlop/protocol/api/ratings'
import { useMemo } from 'react'
import { useText, type Translate } from '../i18n/text.tsx'
import type { Column } from '../ui/data-table.tsx'
import { NodeLink, ObjectLink, ShipLink, TransactionLink } from '../ui/names.tsx'
import { Age } from '../ui/time.tsx'
import { useFormat, type Format } from '../ui/use-format.ts'
import { csvTime, valueColumn } from '../ui/value-column.ts'

/** The key of an event about a rating: where it stands on the ledger. */
export function ratingKey({ position }: ApiRating): string {
  return `${position.transactionHash}-${position.logIndex}`
}

/** Columns of a table of ratings, what became of them and what they did to a credit. */
export function useRatingColumns({ hasNode }: { hasNode: boolean }): Column<ApiRating>[] {
  const { t } = useText()
  const format = useFormat()
  return useMemo(() => {
    const columns = [...partyColumns(t), ...creditColumns(t, format), ...placeColumns(t)]
    return hasNode ? columns : columns.filter(({ key }) => key !== 'node')
  }, [t, format, hasNode])
}

function partyColumns(t: Translate): Column<ApiRating>[] {
  return [
    valueColumn('time', {
      header: t('common.time'),
      value: ({ position }) => position.blockTimeMs,
      show: ({ position }) => <Age timeMs={position.blockTimeMs} />,
      csv: ({ position }) => csvTime(position.blockTimeMs),
    }),
    valueColumn('node', {
      header: t('common.node'),
      value: ({ nodeName }) => nodeName,
      show: ({ nodeId, nodeName }) => <NodeLink nodeId={nodeId} name={nodeName} />,
    }),
    valueColumn('ship', {
      header: t('common.ship'),
      value: ({ clientName }) => clientName,
      show: ({ clientId, clientName }) => <ShipLink clientId={clientId} name={clientName} />,
    }),
  ]
}

/** Credit in percent with the digits it is shown with. */
const PERCENT = 10_000

function creditColumns(t: Translate, format: Format): Column<ApiRating>[] {
  const { credit, creditChange, cause } = format
  const changeOf = ({ beforeMillionths, afterMillionths }: ApiRating) =>
    afterMillionths - beforeMillionths
  const creditText = ({ afterMillionths, recomputedMillionths }: ApiRating) =>
    afterMillionths === recomputedMillionths
      ? credit(afterMillionths)
      : `${credit(afterMillionths)} (${credit(recomputedMillionths)})`
  return [
    valueColumn('event', {
      header: t('ratings.event'),
      value: ({ kind, isCounted }) => t(isCounted ? `ratings.${kind}` : 'ratings.notCounted'),
    }),
    valueColumn('score', {
      header: t('common.score'),
      value: ({ score }) => score,
      show: ({ score }) => t('node.rated', { score }),
      isNumber: true,
    }),
    valueColumn('cause', {
      header: t('common.cause'),
      value: (rating) => whyOf(rating, { t, cause }),
      show: (rating) => <bdi>{whyOf(rating, { t, cause })}</bdi>,
    }),
    valueColumn('change', {
      header: t('node.change'),
      value: changeOf,
      show: (rating) => (isChange(rating) ? creditChange(changeOf(rating)) : t('common.none')),
      csv: (rating) => changeOf(rating) / PERCENT,
      isNumber: true,
    }),
    valueColumn('credit', {
      header: t('common.credit'),
      value: ({ afterMillionths }) => afterMillionths,
      show: creditText,
      csv: ({ afterMillionths }) => afterMillionths / PERCENT,
      isNumber: true,
    }),
  ]
}

/** Whether an event moves a credit at all. */
function isChange({ kind, isCounted }: ApiRating): boolean {
  return isCounted && (kind === 'rated' || kind === 'annulled')
}

/** Why a rating was given, did not count, was objected to, taken back or let stand. */
function whyOf(
  { kind, causeCode, isCounted, reason }: ApiRating,
  { t, cause }: { t: Translate; cause: Format['cause'] },
): string {
  if (kind === 'appealed') return t('ratings.reasonKept')
  if (kind === 'annulled' || kind === 'dismissed') return reason ?? ''
  return isCounted ? cause(causeCode) : t('ratings.notCountedWhy', { cause: cause(causeCode) })
}

function placeColumns(t: Translate): Column<ApiRating>[] {
  return [
    {
      key: 'object',
      header: t('common.object'),
      cell: ({ clientId, objectId }) =>
        objectId === null ? (
          t('common.none')
        ) : (
          <ObjectLink clientId={clientId} objectId={objectId} />
        ),
      csv: ({ objectId }) => objectId,
    },
    {
      key: 'transaction',
      header: t('common.transaction'),
      cell: ({ position }) => <TransactionLink hash={position.transactionHash} />,
      csv: ({ position }) => position.transactionHash,
    },
  ]
}
