import {
  formatObjectId,
  isOrlopError,
  type CatalogueEntry,
  type ObjectReader,
} from '@orlop/client-sdk/browser'
import { useEffect, useState, type SubmitEvent } from 'react'
import { Loading } from '../../ui/states.tsx'
import { Preview } from '../preview/preview.tsx'
import { useVault } from '../session/session-context.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { PassphraseField } from '../ui/passphrase-field.tsx'
import { Problem } from '../ui/problem.tsx'
import { shownName } from './shown-name.ts'
import { useFileRequest } from './use-file.ts'

type Opening =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly reader: ObjectReader; readonly signal: AbortSignal }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Opens a file as long as it is looked at, and shows what is in it. */
export function OpenedPreview({ entry }: { entry: CatalogueEntry }) {
  const [attempt, setAttempt] = useState(0)
  const opening = useReader(entry, attempt)
  switch (opening.kind) {
    case 'opening':
      return <Loading lines={8} />
    case 'failed':
      return (
        <Problem error={opening.error} onRetry={() => setAttempt(attempt + 1)}>
          {isOrlopError(opening.error, 'WRONG_KEY') && <ByPassphrase entry={entry} />}
        </Problem>
      )
    case 'open':
      return (
        <Preview
          entry={{ name: shownName(entry.name) }}
          reader={opening.reader}
          signal={opening.signal}
        />
      )
  }
}

/** Takes the passphrase of a file that was shared by one. */
function ByPassphrase({ entry }: { entry: CatalogueEntry }) {
  const { t } = useVaultText()
  const { passphrases, record } = useVault()
  const [passphrase, setPassphrase] = useState('')
  if (entry.ownerId === record.clientId) return null
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    passphrases.set(entry.ownerId, formatObjectId(entry.objectId), passphrase)
  }
  return (
    <form className="stack" aria-label={t('shared.form')} onSubmit={submit}>
      <PassphraseField
        label={t('shared.passphrase')}
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="off"
        hint={t('file.byPassphrase')}
      />
      <button type="submit" className="button main" disabled={passphrase === ''}>
        {t('file.byPassphraseOpen')}
      </button>
    </form>
  )
}

function useReader({ ownerId, objectId: bytes }: CatalogueEntry, attempt: number): Opening {
  const { client } = useVault()
  const objectId = formatObjectId(bytes)
  const { passphrase } = useFileRequest({ ownerId, objectId })
  const [opening, setOpening] = useState<Opening>({ kind: 'opening' })
  useEffect(() => {
    const stop = new AbortController()
    const { signal } = stop
    let reader: ObjectReader | null = null
    const open = async () => {
      setOpening({ kind: 'opening' })
      const request = { objectId, ownerId, ...(passphrase === undefined ? {} : { passphrase }) }
      reader = await client.open(request, { signal })
      if (signal.aborted) reader.close()
      else setOpening({ kind: 'open', reader, signal })
    }
    open().catch((error: unknown) => {
      if (!signal.aborted) setOpening({ kind: 'failed', error })
    })
    return () => {
      stop.abort()
      reader?.close()
    }
  }, [client, objectId, ownerId, passphrase, attempt])
  return opening
}
