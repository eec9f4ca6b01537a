import { formatObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { useState, type SubmitEvent } from 'react'
import { formatTime } from '../../format/format-time.ts'
import { Panel } from '../../ui/page.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { useOutdateFiles } from './use-files.ts'

const DAY_SECONDS = 86_400
const YEAR_SECONDS = 365 * DAY_SECONDS

function dayOf(seconds: number): string {
  return formatTime(seconds * 1000)?.slice(0, 10) ?? ''
}

/** Has the nodes keep a file longer. */
export function ExtendPanel({ entry }: { entry: CatalogueEntry }) {
  const { t } = useVaultText()
  const { client } = useVault()
  const outdate = useOutdateFiles()
  const until = dayOf(entry.expiry)
  const [day, setDay] = useState(() => dayOf(entry.expiry + YEAR_SECONDS))
  const [isTried, setTried] = useState(false)
  const extending = useAction<{ day: string; waiting: number }>()
  const isWrong = !/^\d{4,6}-\d\d-\d\d$/.test(day) || day <= until
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (isWrong) return
    // To the end of the day that was chosen.
    const expirySeconds = Date.parse(`${day}T00:00:00Z`) / 1000 + DAY_SECONDS - 1
    extending.run(async (signal) => {
      const objectId = formatObjectId(entry.objectId)
      const told = await client.extend({ objectId, expirySeconds }, { signal })
      outdate()
      return { day, waiting: told.waitingNodeIds.length }
    })
  }
  const { state } = extending
  return (
    <Panel title={t('keep.extendTitle')} lead={t('keep.extendLead', { until })}>
      <form className="stack" aria-label={t('keep.extendTitle')} onSubmit={submit}>
        <TextField
          label={t('keep.extendDate')}
          value={day}
          onChange={setDay}
          error={
            isTried && isWrong && state.status !== 'done'
              ? t('keep.extendWrong', { until })
              : undefined
          }
          input={{ type: 'date', min: dayOf(entry.expiry + DAY_SECONDS), required: true }}
        />
        <button type="submit" className="button" disabled={state.status === 'running'}>
          {t(state.status === 'running' ? 'keep.extending' : 'keep.extend')}
        </button>
        {state.status === 'failed' && <Problem error={state.error} />}
        {state.status === 'done' && (
          <div className="notice" data-tone="good" role="status">
            <p>{t('keep.extended', { until: state.value.day })}</p>
            {state.value.waiting > 0 && (
              <p className="quiet">{t('keep.waiting', { count: state.value.waiting })}</p>
            )}
          </div>
        )}
      </form>
    </Panel>
  )
}
