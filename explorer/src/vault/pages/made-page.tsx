import { useState, type SubmitEvent } from 'react'
import { Copyable } from '../../ui/copyable.tsx'
import { Panel } from '../../ui/page.tsx'
import { saveFile } from '../../ui/save-file.ts'
import type { MadeKeyring } from '../client/vault-services.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { useAction } from '../ui/use-action.ts'
import { VaultHead } from '../ui/vault-head.tsx'

const RECOVERY_FILE = 'orlop-recovery-key.txt'
const LETTERS_OF_GROUP = 8

/** Shows a new keyring's recovery key, once, and has its owner save both. */
export function MadePage({ made, label }: { made: MadeKeyring; label: string }) {
  const { t } = useVaultText()
  const [isSaved, setSaved] = useState(false)
  const saveKeyring = () => {
    saveFile(label, 'application/json', made.text)
    setSaved(true)
  }
  const saveRecovery = () => saveFile(RECOVERY_FILE, 'text/plain', `${made.recoveryKey}\n`)
  return (
    <div className="door">
      <VaultHead title={t('make.savedTitle')} lead={t('make.savedLead')} />
      <Panel title={t('make.keyringTitle')} lead={t('make.keyringText')}>
        <div className="filters">
          <button type="button" className="button main" onClick={saveKeyring}>
            {t('make.keyringSave')}
          </button>
          {isSaved && <span role="status">{t('make.keyringSaved', { name: label })}</span>}
        </div>
      </Panel>
      <Panel title={t('make.recoveryTitle')} lead={t('make.recoveryText')}>
        <p className="secret">
          <Copyable value={made.recoveryKey} label={t('make.recoveryLabel')}>
            <span className="mono">{inGroups(made.recoveryKey)}</span>
          </Copyable>
        </p>
        <div className="filters">
          <button type="button" className="button" onClick={saveRecovery}>
            {t('make.recoverySave')}
          </button>
        </div>
      </Panel>
      <GoOn isSaved={isSaved} />
    </div>
  )
}

/** Goes on once the keyring was saved and its owner says that both are. */
function GoOn({ isSaved }: { isSaved: boolean }) {
  const { t } = useVaultText()
  const { session } = useSession()
  const [isConfirmed, setConfirmed] = useState(false)
  const going = useAction<undefined>()
  const isBusy = going.state.status === 'running'
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    going.run(async () => {
      await session.keep()
      return undefined
    })
  }
  return (
    <form className="door-form" aria-label={t('make.goOn')} onSubmit={submit}>
      <label className="tick">
        <input
          type="checkbox"
          checked={isConfirmed}
          onChange={({ target }) => setConfirmed(target.checked)}
        />
        {t('make.confirm')}
      </label>
      <button type="submit" className="button main" disabled={!isSaved || !isConfirmed || isBusy}>
        {t('make.goOn')}
      </button>
      {isBusy && (
        <p className="working" role="status">
          {t('open.stepLedger')}
        </p>
      )}
      {going.state.status === 'failed' && <Problem error={going.state.error} />}
    </form>
  )
}

/** As people copy it by hand: blanks in it do not matter. */
function inGroups(recoveryKey: string): string {
  const [prefix = '', letters = ''] = recoveryKey.split(':')
  const groups = letters.match(new RegExp(`.{1,${LETTERS_OF_GROUP}}`, 'g')) ?? []
  return [`${prefix}:`, ...groups].join(' ')
}
