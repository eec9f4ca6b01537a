import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useText } from '../../i18n/text.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Copyable } from '../../ui/copyable.tsx'
import { Hash } from '../../ui/names.tsx'
import { Facts, Panel } from '../../ui/page.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { useFormat } from '../../ui/use-format.ts'
import { formatRecipient } from '../files/recipient-text.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useSession, useVault } from '../session/session-context.tsx'
import { IDLE_MS } from '../session/use-auto-lock.ts'
import { useReason } from '../ui/problem.tsx'
import { VaultHead } from '../ui/vault-head.tsx'

/** Who the reader is on the network, and what this browser keeps of them. */
export function AccountPage() {
  const { t } = useVaultText()
  return (
    <>
      <VaultHead title={t('account.title')} lead={t('account.lead')} />
      <You />
      <OpeningKey />
      <Network />
      <div className="columns even">
        <KeyringFile />
        <ThisBrowser />
      </div>
    </>
  )
}

function You() {
  const { t } = useVaultText()
  const { record, recoveryAddress } = useVault()
  const { clientId, name, imoNumber, signer, state } = record
  const id = String(clientId)
  const facts = [
    {
      label: t('account.clientId'),
      value: (
        <Copyable value={id} label={t('account.clientId')}>
          <strong>{id}</strong>
        </Copyable>
      ),
    },
    { label: t('account.name'), value: name },
    { label: t('account.imo'), value: imoNumber === 0 ? t('account.shore') : imoNumber },
    { label: t('account.state'), value: <Badge state={state} /> },
    {
      label: t('account.signer'),
      value: <Hash value={signer} label={t('account.signer')} />,
    },
    {
      label: t('account.recovery'),
      value: <Hash value={recoveryAddress} label={t('account.recovery')} />,
    },
  ]
  return (
    <Panel title={t('account.you')}>
      <Facts facts={facts} />
    </Panel>
  )
}

function OpeningKey() {
  const { t } = useVaultText()
  const { client, record } = useVault()
  const key = formatRecipient(record.clientId, client.openingKey)
  return (
    <Panel title={t('account.openingKey')} lead={t('account.openingKeyText')}>
      <p className="secret">
        <Copyable value={key} label={t('account.openingKey')}>
          <span className="mono">{key}</span>
        </Copyable>
      </p>
    </Panel>
  )
}

function Network() {
  const { t } = useVaultText()
  const { t: common } = useText()
  const { bytes } = useFormat()
  const reasonOf = useReason()
  const { client, config } = useVault()
  const nodes = useQuery({
    queryKey: ['nodes'],
    queryFn: ({ signal }) => client.nodes({ signal }),
  })
  const all = nodes.data ?? []
  const admitted = all.filter(({ state }) => state === 'admitted')
  const summary = t('account.nodesText', {
    all: all.length,
    admitted: admitted.length,
    free: bytes(admitted.reduce((sum, { freeBytes }) => sum + freeBytes, 0)),
  })
  const facts = [
    { label: t('account.gateway'), value: config.gateway },
    { label: t('account.ledger'), value: config.rpcUrl ?? t('account.ledgerNodes') },
    {
      label: t('account.chain'),
      value: `${config.deployment.chainId}, ${t(config.isPinned ? 'account.pinned' : 'account.asked')}`,
    },
    {
      label: t('account.nodes'),
      value:
        nodes.error === null
          ? nodes.isPending
            ? common('common.loading')
            : summary
          : reasonOf(nodes.error),
    },
  ]
  return (
    <Panel title={t('account.network')}>
      <Facts facts={facts} />
    </Panel>
  )
}

function KeyringFile() {
  const { t } = useVaultText()
  const { keyring } = useVault()
  const { label: name, text } = keyring
  return (
    <Panel title={t('account.keyring')} lead={t('account.keyringText', { name })}>
      <div className="filters">
        <button
          type="button"
          className="button"
          onClick={() => saveFile(name, 'application/json', text)}
        >
          {t('account.keyringSave')}
        </button>
      </div>
    </Panel>
  )
}

function ThisBrowser() {
  const { t } = useVaultText()
  const { services, session } = useSession()
  const [isAsked, setAsked] = useState(false)
  const [isRemembered] = useState(() => services.shelf.read() !== null)
  return (
    <Panel title={t('account.browser')}>
      <ul className="notes">
        <li>{t('account.idle', { minutes: IDLE_MS / 60_000 })}</li>
        <li>{t(isRemembered ? 'account.remembers' : 'account.remembersNot')}</li>
        <li>{t('account.home')}</li>
      </ul>
      {isAsked ? (
        <div
          className="notice"
          data-tone="warn"
          role="alertdialog"
          aria-label={t('account.forget')}
        >
          <strong>{t('account.forgetSure')}</strong>
          <p>{t('account.forgetNote')}</p>
          <span className="filters">
            <button type="button" className="button danger" onClick={() => void session.forget()}>
              {t('account.forgetYes')}
            </button>
            <button type="button" className="button" onClick={() => setAsked(false)}>
              {t('app.cancel')}
            </button>
          </span>
        </div>
      ) : (
        <div className="filters">
          <button type="button" className="button" onClick={() => setAsked(true)}>
            {t('account.forget')}
          </button>
        </div>
      )}
    </Panel>
  )
}
