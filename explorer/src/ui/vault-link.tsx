import { useAnswer } from '../api/use-answer.ts'
import { useText } from '../i18n/text.tsx'

/** The way to the vault, a site of its own, where this gateway serves one. */
export function VaultLink() {
  const { t } = useText()
  const { data } = useAnswer('deployment')
  return data?.hasVault === true ? <a href="/vault/">{t('nav.vault')}</a> : null
}
