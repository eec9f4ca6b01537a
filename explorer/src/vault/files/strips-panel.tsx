import {
  formatObjectId,
  type CatalogueEntry,
  type StripReport,
  type Verification,
} from '@orlop/client-sdk/browser'
import { useQuery } from '@tanstack/react-query'
import { shorten } from '../../format/shorten.ts'
import { useText } from '../../i18n/text.tsx'
import { Copyable } from '../../ui/copyable.tsx'
import { DataTable, type Column } from '../../ui/data-table.tsx'
import { Panel } from '../../ui/page.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { useAction } from '../ui/use-action.ts'
import { VerifyCheck } from './verify-check.tsx'

/** One copy: what the list says of it, what its node says, and how it was found when it was checked. */
interface StripRow {
  readonly index: number
  readonly nodeId: number
  readonly nodeName: string
  readonly nodeState: StripReport['nodeState'] | undefined
  readonly txHash: string | null
  readonly verified: Verification['strips'][number] | undefined
}

/** The nodes that keep a file, and the check of every copy. */
export function StripsPanel({ entry, isOwn }: { entry: CatalogueEntry; isOwn: boolean }) {
  const { t } = useVaultText()
  const check = useAction<Verification>()
  const verified = check.state.status === 'done' ? check.state.value : null
  const rows = useStripRows(entry, isOwn).map((row) => ({
    ...row,
    verified: verified?.strips.find(
      ({ index, nodeId }) => index === row.index && nodeId === row.nodeId,
    ),
  }))
  return (
    <Panel title={t('file.strips')} lead={t('file.stripsLead')}>
      <DataTable
        caption={t('file.stripsCaption')}
        columns={useStripColumns(isOwn)}
        rows={rows}
        keyOf={({ index, nodeId }) => `${index}/${nodeId}`}
        isSortable={false}
      />
      <VerifyCheck entry={entry} check={check} />
    </Panel>
  )
}

function useStripRows(entry: CatalogueEntry, isOwn: boolean): Omit<StripRow, 'verified'>[] {
  const { t } = useText()
  const { client } = useVault()
  const objectId = formatObjectId(entry.objectId)
  const nodes = useQuery({
    queryKey: ['nodes'],
    queryFn: ({ signal }) => client.nodes({ signal }),
  })
  const status = useQuery({
    queryKey: ['status', objectId, entry.state],
    queryFn: ({ signal }) => client.status({ objectId }, { signal }),
    enabled: isOwn,
  })
  return entry.strips.map(({ index, nodeId, transactionHash = null }) => {
    const said = status.data?.strips.find(
      (strip) => strip.index === index && strip.nodeId === nodeId,
    )
    const known = nodes.data?.find((node) => node.nodeId === nodeId)
    return {
      index,
      nodeId,
      nodeName: known?.name ?? `${t('common.node')} ${nodeId}`,
      nodeState: said?.nodeState,
      txHash: said?.txHash ?? transactionHash,
    }
  })
}

function useStripColumns(isOwn: boolean): Column<StripRow>[] {
  const { t } = useVaultText()
  const { t: common } = useText()
  const { config } = useVault()
  const said: Column<StripRow> = {
    key: 'state',
    header: t('file.nodeSays'),
    cell: ({ nodeState }) => {
      if (nodeState === undefined) return common('common.none')
      return nodeState === null ? t('file.nodeSilent') : t(`stripState.${nodeState}`)
    },
  }
  return [
    { key: 'strip', header: common('common.strip'), cell: ({ index }) => index + 1 },
    { key: 'node', header: t('file.node'), cell: ({ nodeName }) => nodeName },
    ...(isOwn ? [said] : []),
    {
      key: 'transaction',
      header: t('file.transaction'),
      cell: ({ txHash }) =>
        txHash === null ? (
          t('file.notRecorded')
        ) : (
          <Copyable value={txHash} label={t('file.transaction')}>
            <a
              className="mono nowrap"
              href={new URL(`/transactions/${txHash}`, config.gateway).href}
              target="_blank"
              rel="noreferrer"
              title={txHash}
            >
              {shorten(txHash)}
            </a>
          </Copyable>
        ),
    },
    { key: 'check', header: t('file.result'), cell: ({ verified }) => <Verdict of={verified} /> },
  ]
}

const TONES = { sound: 'good', damaged: 'bad', unreachable: 'warn' } as const

function Verdict({ of: verified }: { of: StripRow['verified'] }) {
  const { t } = useVaultText()
  if (verified === undefined) return <span className="quiet">{t('file.unchecked')}</span>
  const { result, reason } = verified
  return (
    <span className="two-lines">
      <span className="badge" data-tone={TONES[result]}>
        {t(`file.${result}`)}
      </span>
      {reason !== null && <small lang="en">{reason}</small>}
    </span>
  )
}
