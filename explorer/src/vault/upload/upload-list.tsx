import { useEffect, useSyncExternalStore } from 'react'
import { Link } from 'react-router'
import { useFormat } from '../../ui/use-format.ts'
import { shownName } from '../files/shown-name.ts'
import { useOutdateFiles } from '../files/use-files.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { isOver, isRunning, type UploadItem } from './upload-item.ts'
import { shareSent } from './upload-progress.ts'

/** Files on their way, each with how far it is and what can be done with it; nothing while there are none. */
export function UploadList() {
  const { t } = useVaultText()
  const { uploads } = useVault()
  const items = useSyncExternalStore(uploads.subscribe, () => uploads.items)
  const outdate = useOutdateFiles()
  const stored = items.filter(({ phase }) => phase === 'recording' || phase === 'done').length
  const recorded = items.filter(({ phase }) => phase === 'done').length
  useEffect(() => {
    if (stored > 0) outdate()
  }, [stored, recorded, outdate])
  if (items.length === 0) return null
  return (
    <section className="panel" aria-label={t('upload.title')}>
      <div className="panel-head">
        <h2>{t('upload.title')}</h2>
        {items.some(isRunning) && <p>{t('app.leaving')}</p>}
      </div>
      <ul className="uploads" aria-label={t('upload.caption')}>
        {items.map((item) => (
          <UploadRow key={item.id} item={item} />
        ))}
      </ul>
    </section>
  )
}

const TONES: Partial<Record<UploadItem['phase'], string>> = {
  done: 'good',
  recording: 'good',
  failed: 'bad',
  lost: 'bad',
  paused: 'off',
  interrupted: 'warn',
}

function UploadRow({ item }: { item: UploadItem }) {
  const { t } = useVaultText()
  const { bytes } = useFormat()
  const { record } = useVault()
  const { phase, objectId, trouble } = item
  const name = shownName(item.name)
  const total = item.totalBytes ?? item.sizeBytes
  const hasAmount = phase === 'sending' || phase === 'paused' || phase === 'interrupted'
  const isStored = phase === 'recording' || phase === 'done'
  return (
    <li className="upload" data-phase={phase}>
      <span className="upload-name">
        {isStored && objectId !== null ? (
          <Link
            to={`/files/${record.clientId}/${objectId}`}
            aria-label={t('upload.open', { name })}
          >
            {name}
          </Link>
        ) : (
          name
        )}
      </span>
      <progress
        value={phase === 'lost' ? 0 : shareSent(item)}
        max={1}
        aria-label={t('upload.progress', { name })}
        data-tone={TONES[phase] ?? 'run'}
      />
      <span className="upload-state">
        <span className="badge" data-tone={TONES[phase] ?? 'off'} role="status">
          {trouble === null ? t(`upload.${phase}`) : t('upload.trouble')}
        </span>
        <span className="quiet">
          {hasAmount
            ? t('upload.of', { sent: bytes(item.sentBytes), total: bytes(total) })
            : bytes(item.sizeBytes)}
        </span>
      </span>
      <UploadActions item={item} />
      {phase === 'failed' && <Problem error={item.error} />}
    </li>
  )
}

function UploadActions({ item }: { item: UploadItem }) {
  const { t } = useVaultText()
  const { uploads } = useVault()
  const { id, phase } = item
  const name = shownName(item.name)
  const canPause = phase === 'waiting' || phase === 'asking' || phase === 'sending'
  const canGoOn = phase === 'paused' || phase === 'interrupted' || phase === 'failed'
  const actions = [
    canPause && { name: 'pause', run: () => uploads.pause(id) },
    canGoOn && { name: 'goOn', run: () => uploads.goOn(id) },
    !isOver(item) &&
      (canPause || canGoOn) && { name: 'cancel', run: () => void uploads.cancel(id) },
    isOver(item) && { name: 'dismiss', run: () => void uploads.dismiss(id) },
  ].filter((action) => action !== false) as {
    name: 'pause' | 'goOn' | 'cancel' | 'dismiss'
    run: () => void
  }[]
  return (
    <span className="upload-actions">
      {actions.map((action) => (
        <button
          key={action.name}
          type="button"
          className="button"
          aria-label={t(`upload.${action.name}`, { name })}
          onClick={action.run}
        >
          {t(`upload.${action.name}Short`)}
        </button>
      ))}
    </span>
  )
}
