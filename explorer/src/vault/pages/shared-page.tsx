import { formatObjectId, parseObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { useState, type SubmitEvent } from 'react'
import { useNavigate } from 'react-router'
import { DataTable } from '../../ui/data-table.tsx'
import { Panel } from '../../ui/page.tsx'
import { Empty, Loading } from '../../ui/states.tsx'
import { useFileColumns } from '../files/file-columns.tsx'
import { entryKey, entryPath } from '../files/file-entry.ts'
import { readClientNumber } from '../files/read-client-number.ts'
import { useFiles, useOutdateFiles } from '../files/use-files.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { PassphraseField } from '../ui/passphrase-field.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { VaultHead } from '../ui/vault-head.tsx'

/** Files of others. */
export function SharedPage() {
  const { t } = useVaultText()
  const { record } = useVault()
  const files = useFiles()
  const columns = useFileColumns({ isShared: true })
  const others = files.data?.filter(({ ownerId }) => ownerId !== record.clientId)
  return (
    <>
      <VaultHead title={t('shared.title')} lead={t('shared.lead')} />
      <Panel title={t('shared.form')}>
        <SharedForm />
      </Panel>
      {files.error !== null && <Problem error={files.error} onRetry={() => void files.refetch()} />}
      {others === undefined && files.error === null && <Loading />}
      {others?.length === 0 && <Empty>{t('shared.emptyText')}</Empty>}
      {others !== undefined && others.length > 0 && (
        <DataTable caption={t('shared.caption')} columns={columns} rows={others} keyOf={entryKey} />
      )}
    </>
  )
}

function SharedForm() {
  const { t } = useVaultText()
  const { client, passphrases } = useVault()
  const navigate = useNavigate()
  const outdate = useOutdateFiles()
  const [objectId, setObjectId] = useState('')
  const [owner, setOwner] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [isTried, setTried] = useState(false)
  const opening = useAction<CatalogueEntry>()
  const ownerId = readClientNumber(owner)
  const named = readObjectId(objectId)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (named === null || ownerId === null) return
    const object = { objectId: named, ownerId }
    opening.run(async (signal) => {
      const request = passphrase === '' ? object : { ...object, passphrase }
      const reader = await client.open(request, { signal })
      reader.close()
      if (passphrase !== '') passphrases.set(ownerId, named, passphrase)
      outdate()
      void navigate(entryPath(reader.entry))
      return reader.entry
    })
  }
  const isBusy = opening.state.status === 'running'
  return (
    <form className="stack wide" aria-label={t('shared.form')} onSubmit={submit}>
      <TextField
        label={t('shared.object')}
        value={objectId}
        onChange={setObjectId}
        hint={t('shared.objectHint')}
        error={isTried && named === null ? t('shared.wrongObject') : undefined}
        input={{ className: 'mono', maxLength: 128 }}
      />
      <TextField
        label={t('shared.owner')}
        value={owner}
        onChange={setOwner}
        error={isTried && ownerId === null ? t('shared.wrongOwner') : undefined}
        input={{ inputMode: 'numeric', maxLength: 10 }}
      />
      <PassphraseField
        label={t('shared.passphrase')}
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="off"
        hint={t('shared.passphraseHint')}
      />
      <button type="submit" className="button main" disabled={isBusy}>
        {t(isBusy ? 'shared.opening' : 'shared.button')}
      </button>
      {opening.state.status === 'failed' && <Problem error={opening.state.error} />}
    </form>
  )
}

/** The id as it is written everywhere, or null. */
function readObjectId(text: string): string | null {
  try {
    return formatObjectId(parseObjectId(text.trim()))
  } catch {
    return null
  }
}
