import { formatObjectId, type CatalogueEntry, type Verification } from '@orlop/client-sdk/browser'
import { useState } from 'react'
import { useFormat } from '../../ui/use-format.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession, useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import type { Action } from '../ui/use-action.ts'
import { useFileRequest } from './use-file.ts'

/** Fetches every copy of a file and holds it against its receipt. @param check - keeps what was found. */
export function VerifyCheck(props: { entry: CatalogueEntry; check: Action<Verification> }) {
  const { t } = useVaultText()
  const { bytes } = useFormat()
  const { check } = props
  const { begin, doneBytes } = useCheck(props.entry, check)
  const { state } = check
  return (
    <>
      <div className="filters level">
        <button
          type="button"
          className="button main"
          disabled={state.status === 'running'}
          onClick={begin}
        >
          {t(state.status === 'done' ? 'file.verifyAgain' : 'file.verify')}
        </button>
        {state.status === 'running' ? (
          <>
            <span className="working" role="status">
              {t('file.verifying', { done: bytes(doneBytes) })}
            </span>
            <button type="button" className="button" onClick={check.stop}>
              {t('file.verifyStop')}
            </button>
          </>
        ) : (
          <span className="quiet">{t('file.verifyLead')}</span>
        )}
      </div>
      {state.status === 'failed' && <Problem error={state.error} />}
      {state.status === 'done' && <Outcome of={state.value} />}
    </>
  )
}

function useCheck(entry: CatalogueEntry, check: Action<Verification>) {
  const { session } = useSession()
  const { client } = useVault()
  const { ownerId, plainBytes } = entry
  const request = useFileRequest({ ownerId, objectId: formatObjectId(entry.objectId) })
  const [doneBytes, setDoneBytes] = useState(0)
  const begin = () => {
    setDoneBytes(0)
    check.run(async (signal) => {
      const over = session.hold()
      let copies = 0
      try {
        return await client.verify(request, {
          signal,
          onProgress: (event) => {
            if (event.type !== 'received') return
            setDoneBytes(copies * plainBytes + event.plainBytes)
            if (event.plainBytes === event.totalBytes) copies++
          },
        })
      } finally {
        over()
      }
    })
  }
  return { begin, doneBytes }
}

function Outcome({ of: { strips, isSound, isOpened } }: { of: Verification }) {
  const { t } = useVaultText()
  const bad = strips.filter(({ result }) => result !== 'sound').length
  return (
    <div className="notice" data-tone={isSound ? 'good' : 'bad'} role="status">
      <p>{isSound ? t('file.allSound', { count: strips.length }) : t('file.someBad', { bad })}</p>
      {!isOpened && <p>{t('file.notOpened')}</p>}
    </div>
  )
}
