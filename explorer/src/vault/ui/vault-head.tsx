import { useEffect, type ReactNode } from 'react'
import { useText } from '../../i18n/text.tsx'
import { useVaultText } from '../i18n/vault-text.ts'

interface VaultHeadProps {
  title: string
  lead?: ReactNode
  eyebrow?: ReactNode
  action?: ReactNode
  /** Title of the window where the page's own would tell what is in the vault: browsers keep titles in their history. */
  windowTitle?: string
}

/** The head of a page of the vault. */
export function VaultHead(props: VaultHeadProps) {
  const { t } = useVaultText()
  const { t: common } = useText()
  const windowTitle = `${props.windowTitle ?? props.title} · ${common('app.name')} ${t('app.vault')}`
  useEffect(() => {
    document.title = windowTitle
  }, [windowTitle])
  return (
    <header className="page-head vault-head">
      {props.eyebrow !== undefined && <div className="eyebrow">{props.eyebrow}</div>}
      <h1>{props.title}</h1>
      {props.action !== undefined && <div className="vault-actions">{props.action}</div>}
      {props.lead !== undefined && <p>{props.lead}</p>}
    </header>
  )
}
