import { Field } from '../../ui/field.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { TextField } from '../ui/text-field.tsx'
import { parseLabels } from './parse-labels.ts'
import { useUploading, type UploadChoice } from './upload-drop.tsx'

const LEVELS: readonly { value: UploadChoice['level']; name: 'byPolicy' | 'level1' | 'level2' }[] =
  [
    { value: '', name: 'byPolicy' },
    { value: '1', name: 'level1' },
    { value: '2', name: 'level2' },
  ]

/** What the next uploads are told beside the policy. */
export function UploadOptions() {
  const { t } = useVaultText()
  const { choice, choose } = useUploading()
  const isWrong = parseLabels(choice.labels) === null
  return (
    <details className="upload-options">
      <summary>{t('upload.options')}</summary>
      <div className="filters">
        <Field label={t('upload.level')}>
          <select
            value={choice.level}
            onChange={({ target }) => {
              const found = LEVELS.find(({ value }) => value === target.value)
              choose({ ...choice, level: found?.value ?? '' })
            }}
          >
            {LEVELS.map(({ value, name }) => (
              <option key={value} value={value}>
                {t(`upload.${name}`)}
              </option>
            ))}
          </select>
        </Field>
        <TextField
          label={t('upload.labels')}
          value={choice.labels}
          onChange={(labels) => choose({ ...choice, labels })}
          hint={t('upload.labelsHint')}
          error={isWrong ? t('upload.labelsWrong') : undefined}
        />
      </div>
    </details>
  )
}
