import { useState, type SubmitEvent } from 'react'
import { Link } from 'react-router'
import type { KeyringText } from '../client/vault-services.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession } from '../session/session-context.tsx'
import { FileDrop } from '../ui/file-drop.tsx'
import { PassphraseField } from '../ui/passphrase-field.tsx'
import { Problem } from '../ui/problem.tsx'
import { useAction } from '../ui/use-action.ts'
import { VaultHead } from '../ui/vault-head.tsx'

/** Far more than a keyring can have. */
const MAX_KEYRING_BYTES = 256 * 1024

/** The way in: a keyring file and its passphrase. */
export function OpenPage() {
  const { t } = useVaultText()
  const { state } = useSession()
  const why = state.kind === 'closed' ? state.why : 'start'
  return (
    <div className="door">
      <VaultHead title={t('open.title')} lead={t('open.lead')} />
      {why !== 'start' && (
        <p className="notice" role="status">
          {t(`open.${why}`)}
        </p>
      )}
      {state.kind === 'closed' && state.error !== undefined && <Problem error={state.error} />}
      <OpenForm />
      <p>
        {t('open.noKeyring')} <Link to="/new">{t('open.make')}</Link>
      </p>
      <details className="notice">
        <summary>{t('open.why')}</summary>
        <p>{t('open.whyText')}</p>
      </details>
    </div>
  )
}

function OpenForm() {
  const { t } = useVaultText()
  const { services, session, state } = useSession()
  const [remembered, setRemembered] = useState(() => services.shelf.read())
  const [keyring, setKeyring] = useState<KeyringText | null>(remembered)
  const [passphrase, setPassphrase] = useState('')
  const [remember, setRemember] = useState(false)
  const opening = useAction<undefined>()
  const isBusy = opening.state.status === 'running'
  const forget = () => {
    services.shelf.clear()
    setRemembered(null)
    setKeyring(null)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (keyring === null) return
    opening.run(async () => {
      await session.open(keyring, { passphrase, remember: remember && remembered === null })
      return undefined
    })
  }
  return (
    <form className="door-form" aria-label={t('open.title')} onSubmit={submit}>
      {keyring === null ? (
        <ChooseKeyring onChosen={setKeyring} />
      ) : (
        <ChosenKeyring
          text={t(remembered === keyring ? 'open.remembered' : 'open.chosen', {
            name: keyring.label,
          })}
          onAnother={isBusy ? null : () => setKeyring(null)}
          onForget={remembered === keyring && !isBusy ? forget : null}
        />
      )}
      <PassphraseField
        label={t('open.passphrase')}
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="current-password"
      />
      {remembered === null && <RememberTick isTicked={remember} onTick={setRemember} />}
      <button
        type="submit"
        className="button main"
        disabled={keyring === null || passphrase === '' || isBusy}
      >
        {t('open.button')}
      </button>
      {state.kind === 'opening' && <OpeningStep step={state.step} />}
      {opening.state.status === 'failed' && <Problem error={opening.state.error} />}
    </form>
  )
}

function ChooseKeyring({ onChosen }: { onChosen: (keyring: KeyringText) => void }) {
  const { t } = useVaultText()
  const [isTooLong, setTooLong] = useState(false)
  const choose = async (file: File) => {
    setTooLong(file.size > MAX_KEYRING_BYTES)
    if (file.size <= MAX_KEYRING_BYTES) onChosen({ text: await file.text(), label: file.name })
  }
  return (
    <>
      <FileDrop
        label={t('open.file')}
        choose={t('open.choose')}
        hint={t('open.drop')}
        accept=".json,application/json"
        onFile={(file) => void choose(file)}
      >
        <small>{t('open.fileHint')}</small>
      </FileDrop>
      {isTooLong && (
        <p className="notice" data-tone="bad" role="alert">
          {t('open.notText')}
        </p>
      )}
    </>
  )
}

function ChosenKeyring(props: {
  text: string
  onAnother: (() => void) | null
  onForget: (() => void) | null
}) {
  const { t } = useVaultText()
  return (
    <div className="drop chosen">
      <strong role="status">{props.text}</strong>
      <span className="drop-actions">
        {props.onAnother !== null && (
          <button type="button" className="button" onClick={props.onAnother}>
            {t('open.another')}
          </button>
        )}
        {props.onForget !== null && (
          <button type="button" className="button" onClick={props.onForget}>
            {t('open.forget')}
          </button>
        )}
      </span>
    </div>
  )
}

function RememberTick({ isTicked, onTick }: { isTicked: boolean; onTick: (is: boolean) => void }) {
  const { t } = useVaultText()
  return (
    <div className="tick">
      <label>
        <input
          type="checkbox"
          checked={isTicked}
          aria-describedby="remember-hint"
          onChange={({ target }) => onTick(target.checked)}
        />
        {t('open.remember')}
      </label>
      <small id="remember-hint">{t('open.rememberHint')}</small>
    </div>
  )
}

const STEPS = {
  keyring: 'open.stepKeyring',
  home: 'open.stepHome',
  ledger: 'open.stepLedger',
} as const

function OpeningStep({ step }: { step: keyof typeof STEPS }) {
  const { t } = useVaultText()
  return (
    <p className="working" role="status">
      {t(STEPS[step])}
    </p>
  )
}
