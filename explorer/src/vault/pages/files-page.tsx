import type { CatalogueEntry } from '@orlop/client-sdk/browser'
import { useState } from 'react'
import { KNOWN_CLASS_CODES } from '../../format/code-names.ts'
import { useText } from '../../i18n/text.tsx'
import { DataTable } from '../../ui/data-table.tsx'
import { Field } from '../../ui/field.tsx'
import { Empty, Loading } from '../../ui/states.tsx'
import { useFormat } from '../../ui/use-format.ts'
import { entryKey, matchesSearch } from '../files/file-entry.ts'
import { useFileColumns } from '../files/file-columns.tsx'
import { useFiles, useLedgerReading } from '../files/use-files.ts'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { Notice } from '../ui/notice.tsx'
import { Problem, useReason } from '../ui/problem.tsx'
import { VaultHead } from '../ui/vault-head.tsx'
import { UploadButton } from '../upload/upload-button.tsx'
import { UploadList } from '../upload/upload-list.tsx'
import { UploadOptions } from '../upload/upload-options.tsx'

/** The reader's own files. */
export function FilesPage() {
  const { t } = useVaultText()
  const { record } = useVault()
  const files = useFiles()
  const own = files.data?.filter(({ ownerId }) => ownerId === record.clientId)
  return (
    <>
      <VaultHead title={t('files.title')} lead={t('files.lead')} action={<UploadButton />} />
      {record.state === 'suspended' && (
        <p className="notice" data-tone="warn" role="status">
          {t('app.suspended')}
        </p>
      )}
      <Notice />
      {record.state === 'admitted' && <UploadOptions />}
      <UploadList />
      {files.error !== null && <Problem error={files.error} onRetry={() => void files.refetch()} />}
      {own === undefined && files.error === null && <Loading lines={9} />}
      {own !== undefined && (own.length === 0 ? <NoFiles /> : <FileTable files={own} />)}
      {own !== undefined && <LedgerReading />}
    </>
  )
}

function FileTable({ files }: { files: readonly CatalogueEntry[] }) {
  const { t } = useVaultText()
  const { t: common } = useText()
  const format = useFormat()
  // Not in the address, which the browser would keep: what somebody looks for is theirs.
  const [search, setSearch] = useState('')
  const [classCode, setClassCode] = useState('')
  const columns = useFileColumns({ isShared: false })
  const classes = KNOWN_CLASS_CODES.filter((code) => files.some((file) => file.classCode === code))
  const rows = files.filter(
    (file) =>
      matchesSearch(file, search) && (classCode === '' || String(file.classCode) === classCode),
  )
  const size = format.bytes(rows.reduce((sum, { plainBytes }) => sum + plainBytes, 0))
  return (
    <div className="panel">
      <form
        className="filters"
        role="search"
        aria-label={common('common.filters')}
        onSubmit={(event) => event.preventDefault()}
      >
        <Field label={t('files.search')} size="wide">
          <input
            type="search"
            value={search}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setSearch(target.value)}
          />
        </Field>
        <Field label={common('common.class')}>
          <select value={classCode} onChange={({ target }) => setClassCode(target.value)}>
            <option value="">{common('common.all')}</option>
            {classes.map((code) => (
              <option key={code} value={code}>
                {format.className(code)}
              </option>
            ))}
          </select>
        </Field>
      </form>
      {rows.length === 0 ? (
        <Empty>{t('files.emptyFilter')}</Empty>
      ) : (
        <DataTable caption={t('files.caption')} columns={columns} rows={rows} keyOf={entryKey} />
      )}
      <div className="below">
        <span role="status">{t('files.shown', { count: rows.length, size })}</span>
      </div>
    </div>
  )
}

function NoFiles() {
  const { t } = useVaultText()
  return (
    <div className="quiet-sea">
      <svg
        width="160"
        height="40"
        viewBox="0 0 160 40"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M4 12h152" />
        <path d="M28 22h104" opacity="0.6" />
        <path d="M56 32h48" opacity="0.35" />
      </svg>
      <h2>{t('files.emptyTitle')}</h2>
      <p>{t('files.emptyText')}</p>
    </div>
  )
}

/** Reads the ledger for what was stored elsewhere with the same keys, and says what could not be listed. */
function LedgerReading() {
  const { t } = useVaultText()
  const reasonOf = useReason()
  const reading = useLedgerReading()
  const failures = reading.data?.failures ?? []
  const [first] = failures
  return (
    <>
      {reading.error !== null && (
        <p className="notice" data-tone="warn" role="status">
          {t('files.stale', { reason: reasonOf(reading.error) })}
        </p>
      )}
      {first !== undefined && (
        <details className="notice" data-tone="warn">
          <summary>{t('files.unopened', { count: failures.length, reason: first.code })}</summary>
          <ul>
            {failures.map(({ objectId, code }) => (
              <li key={objectId} className="mono">
                {objectId} {code}
              </li>
            ))}
          </ul>
        </details>
      )}
      <div className="filters">
        <button
          type="button"
          className="button"
          disabled={reading.isFetching}
          onClick={() => void reading.refetch()}
        >
          {t('files.refresh')}
        </button>
        <span className="working" role="status">
          {reading.isFetching ? t('app.refreshing') : ''}
        </span>
      </div>
    </>
  )
}
