import { useState } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { useAction } from '../ui/use-action.ts'

interface RecipientRowProps {
  who: string
  request: { objectId: string; recipientId?: number; passphrases?: boolean }
  onRevoked: (who: string) => void
}

/** One who may open a file, and how that is taken back. */
export function RecipientRow({ who, request, onRevoked }: RecipientRowProps) {
  const { t } = useVaultText()
  const { client } = useVault()
  const [isAsked, setAsked] = useState(false)
  const revoking = useAction<undefined>()
  const isBusy = revoking.state.status === 'running'
  const revoke = () =>
    revoking.run(async (signal) => {
      await client.revoke(request, { signal })
      onRevoked(who)
      return undefined
    })
  return (
    <li>
      <span>{who}</span>
      {!isAsked && (
        <button
          type="button"
          className="button"
          aria-label={t('share.revokeFrom', { who })}
          onClick={() => setAsked(true)}
        >
          {t('share.revoke')}
        </button>
      )}
      {isAsked && (
        <div className="notice" data-tone="warn" role="alertdialog" aria-label={t('share.revoke')}>
          <strong>{t('share.revokeSure', { who })}</strong>
          <p>{t('share.revokeNote')}</p>
          <span className="filters">
            <button type="button" className="button danger" disabled={isBusy} onClick={revoke}>
              {t('share.revoke')}
            </button>
            <button type="button" className="button" onClick={() => setAsked(false)}>
              {t('app.cancel')}
            </button>
          </span>
        </div>
      )}
      {revoking.state.status === 'failed' && <Problem error={revoking.state.error} />}
    </li>
  )
}
