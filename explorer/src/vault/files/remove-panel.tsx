import { formatObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { Panel } from '../../ui/page.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { useNotice } from '../ui/notice.tsx'
import { shownName } from './shown-name.ts'
import { useOutdateFiles } from './use-files.ts'

/** Gives a file up for good, once its name was typed. */
export function RemovePanel({ entry }: { entry: CatalogueEntry }) {
  const { t } = useVaultText()
  const { client } = useVault()
  const navigate = useNavigate()
  const outdate = useOutdateFiles()
  const [typed, setTyped] = useState('')
  const { tell } = useNotice()
  const removing = useAction<undefined>()
  const objectId = formatObjectId(entry.objectId)
  // A name of blanks would be confirmed by typing nothing.
  const name = fold(entry.name) === '' ? objectId : shownName(entry.name)
  const isConfirmed = [name, entry.name].some(
    (one) => fold(one) !== '' && fold(typed) === fold(one),
  )
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!isConfirmed) return
    removing.run(async (signal) => {
      await client.remove({ objectId }, { signal })
      outdate()
      tell(t('keep.removed', { name }))
      void navigate('/')
      return undefined
    })
  }
  const isBusy = removing.state.status === 'running'
  return (
    <Panel title={t('keep.removeTitle')} lead={t('keep.removeLead')}>
      <form className="stack" aria-label={t('keep.removeTitle')} onSubmit={submit}>
        <TextField label={t('keep.removeType')} value={typed} onChange={setTyped} hint={name} />
        <button type="submit" className="button danger" disabled={!isConfirmed || isBusy}>
          {t(isBusy ? 'keep.removing' : 'keep.remove')}
        </button>
        {removing.state.status === 'failed' && <Problem error={removing.state.error} />}
      </form>
    </Panel>
  )
}

/** As a reader copies it: Unicode forms do not matter, nor do blanks. */
function fold(text: string): string {
  return text.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
}
