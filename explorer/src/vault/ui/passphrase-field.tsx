import { useId, useState } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'

interface PassphraseFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  /** `current-password` or `new-password`: what the browser's own store of passwords makes of it. */
  autoComplete: 'current-password' | 'new-password' | 'off'
  hint?: string | undefined
  error?: string | undefined
}

/** A passphrase, hidden until its reader wants to see it. */
export function PassphraseField(props: PassphraseFieldProps) {
  const { t } = useVaultText()
  const [isShown, setShown] = useState(false)
  const id = useId()
  const note = props.error ?? props.hint
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <span className="with-button">
        <input
          id={id}
          type={isShown ? 'text' : 'password'}
          value={props.value}
          autoComplete={props.autoComplete}
          spellCheck={false}
          aria-invalid={props.error !== undefined}
          {...(note === undefined ? {} : { 'aria-describedby': `${id}-note` })}
          onChange={({ target }) => props.onChange(target.value)}
        />
        <button
          type="button"
          className="button"
          aria-pressed={isShown}
          aria-controls={id}
          onClick={() => setShown(!isShown)}
        >
          {isShown ? t('open.hide') : t('open.show')}
        </button>
      </span>
      {note !== undefined && (
        <small id={`${id}-note`} data-bad={props.error !== undefined}>
          {note}
        </small>
      )}
    </div>
  )
}
