import {
  formatOpeningKey,
  isOrlopError,
  parseOpeningKey,
  type SharedEnvelope,
  type ShareRequest,
} from '@orlop/client-sdk/browser'
import { useId, useState, type SubmitEvent } from 'react'
import { shorten } from '../../format/shorten.ts'
import { Copyable } from '../../ui/copyable.tsx'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { PassphraseField } from '../ui/passphrase-field.tsx'
import { Problem } from '../ui/problem.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAction } from '../ui/use-action.ts'
import { readClientNumber } from './read-client-number.ts'
import { splitRecipient } from './recipient-text.ts'

type Way = 'client' | 'passphrase'

/** Lets a client, or whoever knows a passphrase, open a file. */
export function ShareForm({ objectId, onShared }: { objectId: string; onShared: () => void }) {
  const { t } = useVaultText()
  const { client, record } = useVault()
  const labelId = useId()
  const [way, setWay] = useState<Way>('client')
  const sharing = useAction<SharedEnvelope>()
  const [triedId, setTriedId] = useState<number | null>(null)
  const share = (request: Omit<ShareRequest, 'objectId'>) => {
    setTriedId(idOf(request))
    sharing.run(async (signal) => {
      const shared = await client.share({ objectId, ...request }, { signal })
      onShared()
      return shared
    })
  }
  const { state } = sharing
  const isBusy = state.status === 'running'
  const hasKeyChanged =
    state.status === 'failed' && isOrlopError(state.error, 'RECIPIENT_KEY_CHANGED')
  return (
    <div className="panel">
      <span className="field" id={labelId}>
        {t('share.with')}
      </span>
      <div className="segments" role="group" aria-labelledby={labelId}>
        {(['client', 'passphrase'] as const).map((each) => (
          <button key={each} type="button" aria-pressed={each === way} onClick={() => setWay(each)}>
            {t(each === 'client' ? 'share.withClient' : 'share.withPassphrase')}
          </button>
        ))}
      </div>
      {way === 'client' ? (
        <ClientForm isBusy={isBusy} changedId={hasKeyChanged ? triedId : null} onShare={share} />
      ) : (
        <PassphraseForm isBusy={isBusy} onShare={share} />
      )}
      {state.status === 'failed' && <Problem error={state.error} />}
      {state.status === 'done' && (
        <Shared objectId={objectId} ownerId={record.clientId} shared={state.value} />
      )}
    </div>
  )
}

interface WayProps {
  isBusy: boolean
  onShare: (request: Omit<ShareRequest, 'objectId'>) => void
}

interface ClientFormProps extends WayProps {
  /** Whose opening key is another than before, by the last attempt; null when nobody's. */
  changedId: number | null
}

function ClientForm({ isBusy, changedId, onShare }: ClientFormProps) {
  const { t } = useVaultText()
  const [number, setNumber] = useState('')
  const [key, setKey] = useState('')
  const [trustNewKeys, setTrustNewKeys] = useState(false)
  const [isTried, setTried] = useState(false)
  const clientId = readClientNumber(number)
  const openingKey = readKey(key)
  const hasKeyChanged = clientId !== null && clientId === changedId
  const takeNumber = (typed: string) => {
    setTrustNewKeys(false)
    const both = splitRecipient(typed)
    setNumber(both?.number ?? typed)
    if (both !== null) setKey(both.key)
  }
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (clientId === null || openingKey === undefined) return
    const recipient = openingKey === null ? clientId : { clientId, openingKey }
    onShare({ recipient, ...(trustNewKeys && hasKeyChanged ? { trustNewKeys } : {}) })
    // What was confirmed holds for one attempt.
    setTrustNewKeys(false)
  }
  return (
    <form className="stack" aria-label={t('share.withClient')} onSubmit={submit}>
      <TextField
        label={t('share.clientId')}
        value={number}
        onChange={takeNumber}
        hint={t('share.clientIdHint')}
        error={isTried && clientId === null ? t('share.wrongClient') : undefined}
        input={{ maxLength: 200 }}
      />
      <TextField
        label={t('share.openingKey')}
        value={key}
        onChange={setKey}
        hint={t('share.openingKeyHint')}
        error={isTried && openingKey === undefined ? t('share.wrongKey') : undefined}
        input={{ className: 'mono', maxLength: 200 }}
      />
      {hasKeyChanged && openingKey === null && (
        <label className="tick">
          <input
            type="checkbox"
            checked={trustNewKeys}
            onChange={({ target }) => setTrustNewKeys(target.checked)}
          />
          {t('share.trustNew')}
        </label>
      )}
      <ShareButton isBusy={isBusy} />
    </form>
  )
}

function PassphraseForm({ isBusy, onShare }: WayProps) {
  const { t } = useVaultText()
  const [passphrase, setPassphrase] = useState('')
  const [isTried, setTried] = useState(false)
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    setTried(true)
    if (passphrase !== '') onShare({ passphrase })
  }
  return (
    <form className="stack" aria-label={t('share.withPassphrase')} onSubmit={submit}>
      <PassphraseField
        label={t('open.passphrase')}
        value={passphrase}
        onChange={setPassphrase}
        autoComplete="off"
        hint={t('share.passphraseHint')}
        error={isTried && passphrase === '' ? t('share.emptyPassphrase') : undefined}
      />
      <ShareButton isBusy={isBusy} />
    </form>
  )
}

function ShareButton({ isBusy }: { isBusy: boolean }) {
  const { t } = useVaultText()
  return (
    <button type="submit" className="button main" disabled={isBusy}>
      {t(isBusy ? 'share.sharing' : 'share.button')}
    </button>
  )
}

/** What the other needs, and what was wrapped to. */
function Shared(props: { objectId: string; ownerId: number; shared: SharedEnvelope }) {
  const { t } = useVaultText()
  const { objectId, ownerId, shared } = props
  const away = shared.waitingNodeIds.length
  return (
    <div className="notice" data-tone="good" role="status">
      <strong>{t('share.done')}</strong>
      <Copyable value={objectId} label={t('share.doneObject')}>
        <span className="mono" title={objectId}>
          {shorten(objectId)}
        </span>
      </Copyable>
      <Copyable value={String(ownerId)} label={t('share.doneOwner')}>
        {t('share.doneOwner')} {ownerId}
      </Copyable>
      {shared.openingKey !== null && (
        <p className="quiet">{t('share.doneKey', { key: formatOpeningKey(shared.openingKey) })}</p>
      )}
      {away > 0 && <p className="quiet">{t('share.waiting', { count: away })}</p>}
    </div>
  )
}

function idOf({ recipient }: Omit<ShareRequest, 'objectId'>): number | null {
  if (recipient === undefined) return null
  return typeof recipient === 'number' ? recipient : recipient.clientId
}

/** Null for none given, undefined for what is no key. */
function readKey(text: string): Uint8Array | null | undefined {
  if (text.trim() === '') return null
  try {
    return parseOpeningKey(text)
  } catch {
    return undefined
  }
}
