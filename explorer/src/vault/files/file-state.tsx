import type { CatalogueEntry } from '@orlop/client-sdk/browser'
import { useVaultText } from '../i18n/vault-text.ts'

const TONES = { stored: 'warn', recorded: 'good', final: 'good', removed: 'off' } as const

/** How far a file has come, with a mark whose form tells it without colours. */
export function FileState({ state }: { state: CatalogueEntry['state'] }) {
  const { t } = useVaultText()
  return (
    <span className="badge" data-tone={TONES[state]}>
      {t(`fileState.${state}`)}
    </span>
  )
}
