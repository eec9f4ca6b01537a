import { useState } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'
import { TextField } from '../ui/text-field.tsx'
import { readClientNumber } from './read-client-number.ts'
import { RecipientRow } from './recipient-row.tsx'

interface UnknownKeysProps {
  objectId: string
  count: number
  onRevoked: (who: string) => void
}

/** Keys of whom this browser does not know; their owners may know whom a file was shared with. */
export function UnknownKeys({ objectId, count, onRevoked }: UnknownKeysProps) {
  const { t } = useVaultText()
  const [number, setNumber] = useState('')
  const recipientId = readClientNumber(number)
  return (
    <>
      <li className="stack">
        <span>{t('share.unknownKeys', { count })}</span>
        <TextField
          label={t('share.revokeNumber')}
          value={number}
          onChange={setNumber}
          hint={t('share.revokeNumberHint')}
          input={{ inputMode: 'numeric', maxLength: 10 }}
        />
      </li>
      {recipientId !== null && (
        <RecipientRow
          key={recipientId}
          who={t('share.client', { id: recipientId })}
          request={{ objectId, recipientId }}
          onRevoked={onRevoked}
        />
      )}
    </>
  )
}
