import type { ApiReceipt } from '@orlop/protocol/api/receipts'
import type { ApiDeployment } from '@orlop/protocol/api/service'
import { useMutation } from '@tanstack/react-query'
import { useAnswer } from '../api/use-answer.ts'
import { receiptKey, useReceiptColumns } from '../columns/receipt-columns.tsx'
import { useText } from '../i18n/text.tsx'
import type { StripVerdict } from '../verify/verify-strips.ts'
import { Coded } from './coded.tsx'
import { DataTable, type Column } from './data-table.tsx'
import { Hash } from './names.tsx'
import { Panel } from './page.tsx'
import { Answer } from './states.tsx'

/** Reads the ledger with code that is loaded only now: it is larger than the page. */
async function verify(strips: readonly ApiReceipt[], deployment: ApiDeployment, rpcUrl: string) {
  const [{ verifyStrips }, { RpcProofLedger }] = await Promise.all([
    import('../verify/verify-strips.ts'),
    import('../verify/rpc-proof-ledger.ts'),
  ])
  const { chainId, registry, receipts, credit, fromBlock } = deployment
  const ledger = new RpcProofLedger({
    rpcUrl,
    deployment: { chainId, registry, receipts, credit, fromBlock },
  })
  const verdicts = await verifyStrips(strips, ledger)
  return new Map(
    strips.map((strip, place): [string, StripVerdict] => [
      receiptKey(strip),
      verdicts[place] ?? { kind: 'missing' },
    ]),
  )
}

/** Lets the reader hold an object's strips against the ledger. */
export function VerifyPanel({ strips }: { strips: readonly ApiReceipt[] }) {
  const { t } = useText()
  const deployment = useAnswer('deployment')
  return (
    <Panel title={t('verify.title')} lead={t('verify.lead')}>
      <Answer of={deployment} lines={2}>
        {(data) =>
          data.rpcUrl === null ? (
            <div className="notice">
              <p>
                <Coded text={t('verify.noLedger')} />
              </p>
            </div>
          ) : (
            <Verification
              strips={strips}
              deployment={data}
              rpcUrl={new URL(data.rpcUrl, location.href).href}
            />
          )
        }
      </Answer>
    </Panel>
  )
}

function Verification(props: {
  strips: readonly ApiReceipt[]
  deployment: ApiDeployment
  rpcUrl: string
}) {
  const { t } = useText()
  const { strips, deployment, rpcUrl } = props
  const check = useMutation({ mutationFn: () => verify(strips, deployment, rpcUrl) })
  const label = check.isPending
    ? 'verify.running'
    : check.data === undefined
      ? 'verify.button'
      : 'verify.again'
  return (
    <>
      <div className="ways verify-ask">
        <button
          type="button"
          className="button main"
          disabled={check.isPending}
          onClick={() => check.mutate()}
        >
          {t(label)}
        </button>
        <span className="quiet">{t('verify.asks', { url: rpcUrl })}</span>
      </div>
      {new URL(rpcUrl).origin === location.origin && (
        <p className="quiet">
          <Coded text={t('verify.forwarded')} />
        </p>
      )}
      {check.error !== null && (
        <p className="notice" data-tone="bad" role="alert">
          {t('verify.failed', { reason: check.error.message })}
        </p>
      )}
      {check.data !== undefined && <Verdicts strips={strips} verdicts={check.data} />}
    </>
  )
}

interface VerdictsProps {
  strips: readonly ApiReceipt[]
  verdicts: ReadonlyMap<string, StripVerdict>
}

const COLUMNS = ['strip', 'node'] as const

function Verdicts({ strips, verdicts }: VerdictsProps) {
  const { t } = useText()
  const shown = useReceiptColumns(COLUMNS)
  const bad = [...verdicts.values()].filter(({ kind }) => kind !== 'ok').length
  const columns: Column<ApiReceipt>[] = [
    ...shown,
    {
      key: 'root',
      header: t('common.root'),
      cell: ({ root }) => <Hash value={root} label={t('common.root')} />,
    },
    {
      key: 'verdict',
      header: t('verify.result'),
      cell: (strip) => <Verdict verdict={verdicts.get(receiptKey(strip)) ?? { kind: 'missing' }} />,
    },
  ]
  return (
    <>
      <p className="notice" data-tone={bad === 0 ? 'good' : 'bad'} role="status">
        {bad === 0 ? t('verify.allGood', { count: strips.length }) : t('verify.someBad', { bad })}
      </p>
      <DataTable caption={t('verify.title')} columns={columns} rows={strips} keyOf={receiptKey} />
    </>
  )
}

function Verdict({ verdict }: { verdict: StripVerdict }) {
  const { t } = useText()
  const text =
    verdict.kind === 'differs'
      ? t('verify.differs', { field: verdict.field })
      : t(`verify.${verdict.kind}`)
  return (
    <span className="badge" data-tone={verdict.kind === 'ok' ? 'good' : 'bad'}>
      {text}
    </span>
  )
}
