import type { ClientRecord } from '@orlop/protocol/ledger-records'
import { useEffect, useState } from 'react'
import { formatTime } from '../../format/format-time.ts'
import { Copyable } from '../../ui/copyable.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { VaultHead } from '../ui/vault-head.tsx'

const LOOK_MS = 5000

/** A client that the steward has not admitted yet. */
export function WaitingPage({ record }: { record: ClientRecord }) {
  const { t } = useVaultText()
  const { services, session } = useSession()
  const [looked, setLooked] = useState<{ timeMs: number; error: unknown } | null>(null)
  useEffect(() => {
    let isThere = true
    let timer: ReturnType<typeof setTimeout>
    const look = async () => {
      let failure: unknown = null
      await session.check().catch((error: unknown) => {
        failure = error
      })
      if (!isThere) return
      setLooked({ timeMs: services.clock.nowMs(), error: failure })
      timer = setTimeout(() => void look(), LOOK_MS)
    }
    timer = setTimeout(() => void look(), LOOK_MS)
    return () => {
      isThere = false
      clearTimeout(timer)
    }
  }, [services, session])
  const { clientId, name } = record
  const time = formatTime(looked?.timeMs ?? Number.NaN)
  return (
    <div className="door">
      <VaultHead
        title={t('make.waitingTitle')}
        lead={t('make.waitingLead', { id: clientId, name })}
      />
      <p className="secret">
        <Copyable value={String(clientId)} label={t('make.waitingClient')}>
          <strong>
            {t('make.waitingClient')} {clientId}
          </strong>
        </Copyable>
      </p>
      <p>{t('make.waitingHow')}</p>
      <p className="working" role="status">
        {time === null ? '' : t('make.waitingLooks', { time: time.slice(11) })}
      </p>
      {looked !== null && looked.error !== null && <Problem error={looked.error} />}
    </div>
  )
}
