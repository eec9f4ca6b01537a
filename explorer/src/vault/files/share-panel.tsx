import {
  formatObjectId,
  type CatalogueEntry,
  type ObjectRecipients,
} from '@orlop/client-sdk/browser'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Panel } from '../../ui/page.tsx'
import { Loading } from '../../ui/states.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { RecipientRow } from './recipient-row.tsx'
import { ShareForm } from './share-form.tsx'
import { UnknownKeys } from './unknown-keys.tsx'
import { useOutdateFiles } from './use-files.ts'

/** Who may open a file beside its owner, and how that is changed. */
export function SharePanel({ entry, isOwn }: { entry: CatalogueEntry; isOwn: boolean }) {
  const { t } = useVaultText()
  return (
    <Panel title={t('share.title')} lead={t('share.lead')}>
      {isOwn ? (
        <OwnSharing objectId={formatObjectId(entry.objectId)} />
      ) : (
        <p>{t('share.another', { id: entry.ownerId })}</p>
      )}
    </Panel>
  )
}

function OwnSharing({ objectId }: { objectId: string }) {
  const { client } = useVault()
  const queries = useQueryClient()
  const outdate = useOutdateFiles()
  const queryKey = ['recipients', objectId]
  const recipients = useQuery({
    queryKey,
    queryFn: ({ signal }) => client.recipients({ objectId }, { signal }),
  })
  const onChange = () => {
    void queries.invalidateQueries({ queryKey })
    outdate()
  }
  return (
    <div className="columns even">
      <div className="panel">
        {recipients.error !== null && (
          <Problem error={recipients.error} onRetry={() => void recipients.refetch()} />
        )}
        {recipients.isPending && <Loading lines={3} />}
        {recipients.data !== undefined && (
          <RecipientList objectId={objectId} of={recipients.data} onChange={onChange} />
        )}
      </div>
      <ShareForm objectId={objectId} onShared={onChange} />
    </div>
  )
}

interface RecipientListProps {
  objectId: string
  of: ObjectRecipients
  onChange: () => void
}

function RecipientList({ objectId, of, onChange }: RecipientListProps) {
  const { t } = useVaultText()
  const { clientIds, passphrases, unknownKeys } = of
  const [revoked, setRevoked] = useState<string | null>(null)
  const note = (who: string) => {
    setRevoked(who)
    onChange()
  }
  const isAlone = clientIds.length + passphrases + unknownKeys === 0
  return (
    <>
      {revoked !== null && (
        <p className="notice" data-tone="good" role="status">
          {t('share.revoked', { who: revoked })}
        </p>
      )}
      {isAlone && <p>{t('share.onlyYou')}</p>}
      <ul className="recipients">
        {clientIds.map((recipientId) => (
          <RecipientRow
            key={recipientId}
            who={t('share.client', { id: recipientId })}
            request={{ objectId, recipientId }}
            onRevoked={note}
          />
        ))}
        {passphrases > 0 && (
          <RecipientRow
            who={t('share.passphrases', { count: passphrases })}
            request={{ objectId, passphrases: true }}
            onRevoked={note}
          />
        )}
        {unknownKeys > 0 && (
          <UnknownKeys objectId={objectId} count={unknownKeys} onRevoked={note} />
        )}
      </ul>
    </>
  )
}
