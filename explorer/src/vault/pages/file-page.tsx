import { formatObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { encodeHex } from '@orlop/crypto/bytes'
import { Link } from 'react-router'
import { levelKey } from '../../format/code-names.ts'
import { shorten } from '../../format/shorten.ts'
import { useText } from '../../i18n/text.tsx'
import { Copyable } from '../../ui/copyable.tsx'
import { Facts, Panel } from '../../ui/page.tsx'
import { Loading } from '../../ui/states.tsx'
import { Expiry, Time } from '../../ui/time.tsx'
import { useFormat } from '../../ui/use-format.ts'
import { DownloadButton } from '../files/download-button.tsx'
import { ExtendPanel } from '../files/extend-panel.tsx'
import { importanceKey } from '../files/file-entry.ts'
import { FileState } from '../files/file-state.tsx'
import { OpenedPreview } from '../files/opened-preview.tsx'
import { RemovePanel } from '../files/remove-panel.tsx'
import { SharePanel } from '../files/share-panel.tsx'
import { shownName } from '../files/shown-name.ts'
import { StripsPanel } from '../files/strips-panel.tsx'
import { useFile } from '../files/use-file.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Problem } from '../ui/problem.tsx'
import { VaultHead } from '../ui/vault-head.tsx'

/** One file: what is in it, who keeps it, who may open it. */
export function FilePage() {
  const { t } = useVaultText()
  const { entry, error, refetch } = useFile()
  if (entry !== null && entry !== undefined) return <File entry={entry} />
  return (
    <>
      <VaultHead title={t('file.object')} eyebrow={<Link to="/">{t('file.back')}</Link>} />
      {error !== null && <Problem error={error} onRetry={() => void refetch()} />}
      {error === null && entry === undefined && <Loading lines={9} />}
      {entry === null && (
        <p className="notice" role="alert">
          {t('file.unknown')}
        </p>
      )}
    </>
  )
}

function File({ entry }: { entry: CatalogueEntry }) {
  const { t } = useVaultText()
  const { record } = useVault()
  const objectId = formatObjectId(entry.objectId)
  const isOwn = entry.ownerId === record.clientId
  const [path, back] = isOwn
    ? (['/', 'file.back'] as const)
    : (['/shared', 'file.backShared'] as const)
  return (
    <>
      <VaultHead
        title={shownName(entry.name)}
        windowTitle={t('file.object')}
        eyebrow={
          <>
            <Link to={path}>{t(back)}</Link> ·{' '}
            <Copyable value={objectId} label={t('file.object')}>
              <span className="mono" title={objectId}>
                {shorten(objectId)}
              </span>
            </Copyable>
          </>
        }
        action={<DownloadButton entry={entry} />}
      />
      <div className="columns">
        <Panel title={t('file.preview')}>
          <OpenedPreview entry={entry} />
        </Panel>
        <Panel title={t('file.facts')}>
          <FileFacts entry={entry} isOwn={isOwn} />
        </Panel>
      </div>
      <StripsPanel entry={entry} isOwn={isOwn} />
      <SharePanel entry={entry} isOwn={isOwn} />
      {isOwn && (
        <div className="columns even">
          <ExtendPanel entry={entry} />
          <RemovePanel entry={entry} />
        </div>
      )}
    </>
  )
}

function FileFacts({ entry, isOwn }: { entry: CatalogueEntry; isOwn: boolean }) {
  const { t } = useVaultText()
  const { t: common } = useText()
  const format = useFormat()
  const importance = importanceKey(entry.importance)
  const level = levelKey(entry.level)
  const labels = Object.entries(entry.labels)
  const digest = encodeHex(entry.plainSha256)
  const owner = isOwn ? t('file.ownerYou') : t('file.ownerClient', { id: entry.ownerId })
  const facts = [
    { label: common('common.state'), value: <FileState state={entry.state} /> },
    { label: t('file.plainSize'), value: format.bytes(entry.plainBytes) },
    { label: t('file.sealedSize'), value: format.bytes(entry.sealedBytes) },
    { label: common('common.class'), value: format.className(entry.classCode) },
    {
      label: t('files.importance'),
      value: importance === null ? entry.importance : t(importance),
    },
    { label: t('file.created'), value: <Time timeMs={entry.createdMs} /> },
    { label: t('file.storedAt'), value: <Time timeMs={entry.storedMs} /> },
    { label: t('file.keptUntil'), value: <Expiry seconds={entry.expiry} /> },
    { label: t('file.owner'), value: owner },
    {
      label: `${t('file.mediaType')} (${t('file.mediaTypeHint')})`,
      value: entry.mediaType,
    },
    {
      label: common('common.level'),
      value: level === null ? entry.level : `${entry.level}: ${common(`level.${level}`)}`,
    },
    { label: t('file.cipher'), value: <span className="mono">{entry.cipherPath}</span> },
    {
      label: t('file.labels'),
      value:
        labels.length === 0 ? (
          t('file.noLabels')
        ) : (
          <ul className="labels">
            {labels.map(([name, value]) => (
              <li key={name} className="tag">
                {name}={value}
              </li>
            ))}
          </ul>
        ),
    },
    {
      label: t('file.sha256'),
      value: (
        <Copyable value={digest} label="SHA-256">
          <span className="mono" title={digest}>
            {shorten(`0x${digest}`).slice(2)}
          </span>
        </Copyable>
      ),
    },
  ]
  return <Facts facts={facts} />
}
