import { useState, type SubmitEvent } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { VaultHead } from '../ui/vault-head.tsx'
import { readImoNumber } from './imo-number.ts'

/** What the ledger takes. */
const MAX_NAME_CHARACTERS = 256

/** Puts a client on the ledger that it does not know yet. */
export function RegisterPage() {
  const { t } = useVaultText()
  const { session } = useSession()
  const [name, setName] = useState('')
  const [imo, setImo] = useState('')
  const [isTried, setTried] = useState(false)
  const registering = useAction<undefined>()
  const imoNumber = readImoNumber(imo)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() === '' || imoNumber === null) return
    registering.run(async () => {
      await session.register({ name: name.trim(), imoNumber })
      return undefined
    })
  }
  const isBusy = registering.state.status === 'running'
  return (
    <div className="door">
      <VaultHead title={t('make.registerTitle')} lead={t('make.registerLead')} />
      <form className="door-form" aria-label={t('make.registerTitle')} onSubmit={submit}>
        <TextField
          label={t('make.name')}
          value={name}
          onChange={setName}
          hint={t('make.nameHint')}
          error={isTried && name.trim() === '' ? t('make.nameMissing') : undefined}
          input={{ maxLength: MAX_NAME_CHARACTERS }}
        />
        <TextField
          label={t('make.imo')}
          value={imo}
          onChange={setImo}
          hint={t('make.imoHint')}
          error={isTried && imoNumber === null ? t('make.imoWrong') : undefined}
          input={{ inputMode: 'numeric', maxLength: 16 }}
        />
        <button type="submit" className="button main" disabled={isBusy}>
          {t('make.register')}
        </button>
        {isBusy && (
          <p className="working" role="status">
            {t('make.registering')}
          </p>
        )}
        {registering.state.status === 'failed' && <Problem error={registering.state.error} />}
      </form>
    </div>
  )
}
