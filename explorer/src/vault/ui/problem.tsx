import { isOrlopError } from '@orlop/protocol/errors'
import type { ReactNode } from 'react'
import { useText } from '../../i18n/text.tsx'
import { vaultEn } from '../i18n/en.ts'
import { useVaultText, type VaultKey } from '../i18n/vault-text.ts'

/** What went wrong in the reader's language; null for what the vault has no words for. */
function keyOf(error: unknown): VaultKey | null {
  if (!isOrlopError(error) || !Object.hasOwn(vaultEn.error, error.code)) return null
  return `error.${error.code as keyof typeof vaultEn.error}`
}

/** What went wrong, as one line of text. */
export function useReason(): (error: unknown) => string {
  const { t } = useVaultText()
  return (error) => t(keyOf(error) ?? 'problem.unknown')
}

interface ProblemProps {
  error: unknown
  onRetry?: () => void
  children?: ReactNode
}

/** What went wrong, why, and what to do next. */
export function Problem({ error, onRetry, children }: ProblemProps) {
  const { t } = useVaultText()
  const { t: common } = useText()
  const reasonOf = useReason()
  const detail = error instanceof Error ? error.message : String(error)
  return (
    <div className="notice" data-tone="bad" role="alert">
      <strong>{reasonOf(error)}</strong>
      {children}
      <details>
        <summary>{t('problem.details')}</summary>
        {/* For the steward or a log: as the SDK says it, in English. */}
        <p lang="en">{detail}</p>
        {isOrlopError(error) && <p className="mono">{t('problem.code', { code: error.code })}</p>}
      </details>
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          {common('common.retry')}
        </button>
      )}
    </div>
  )
}
