import { useId } from 'react'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { useUploading } from './upload-drop.tsx'

/** Chooses files to store. */
export function UploadButton() {
  const { t } = useVaultText()
  const { record } = useVault()
  const { add } = useUploading()
  const id = useId()
  const canStore = record.state === 'admitted'
  return (
    <span className="chooser" data-off={!canStore}>
      <input
        id={id}
        className="visually-hidden"
        type="file"
        multiple
        disabled={!canStore}
        onChange={({ target }) => {
          add([...(target.files ?? [])].map((blob) => ({ name: blob.name, blob })))
          target.value = ''
        }}
      />
      <label className="button main" htmlFor={id}>
        {t('upload.choose')}
      </label>
    </span>
  )
}
