import { useState, type SubmitEvent } from 'react'
import { Link } from 'react-router'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession } from '../session/session-context.tsx'
import { PassphraseField } from '../ui/passphrase-field.tsx'
import { Problem } from '../ui/problem.tsx'
import { useAction } from '../ui/use-action.ts'
import { VaultHead } from '../ui/vault-head.tsx'

const LEAST_CHARACTERS = 12
const KEYRING_FILE = 'orlop-keyring.json'

/** Makes a new keyring under a passphrase of its owner's. */
export function MakePage() {
  const { t } = useVaultText()
  const { session } = useSession()
  const [passphrase, setPassphrase] = useState('')
  const [again, setAgain] = useState('')
  const [isTried, setTried] = useState(false)
  const making = useAction<undefined>()
  const isShort = Array.from(passphrase).length < LEAST_CHARACTERS
  const isOther = passphrase !== again
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (isShort || isOther) return
    making.run(async () => {
      await session.make(passphrase, KEYRING_FILE)
      return undefined
    })
  }
  return (
    <div className="door">
      <VaultHead title={t('make.title')} lead={t('make.lead')} />
      <form className="door-form" aria-label={t('make.title')} onSubmit={submit}>
        <PassphraseField
          label={t('open.passphrase')}
          value={passphrase}
          onChange={setPassphrase}
          autoComplete="new-password"
          hint={t('make.hint', { least: LEAST_CHARACTERS })}
          error={isTried && isShort ? t('make.short', { least: LEAST_CHARACTERS }) : undefined}
        />
        <PassphraseField
          label={t('make.again')}
          value={again}
          onChange={setAgain}
          autoComplete="new-password"
          error={isTried && isOther ? t('make.differ') : undefined}
        />
        <button type="submit" className="button main" disabled={making.state.status === 'running'}>
          {t('make.button')}
        </button>
        {making.state.status === 'running' && (
          <p className="working" role="status">
            {t('make.making')}
          </p>
        )}
        {making.state.status === 'failed' && <Problem error={making.state.error} />}
      </form>
      <p>
        <Link to="/">{t('make.back')}</Link>
      </p>
    </div>
  )
}
