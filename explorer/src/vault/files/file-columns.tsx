import type { CatalogueEntry } from '@orlop/client-sdk/browser'
import { useMemo } from 'react'
import { Link } from 'react-router'
import type { Column } from '../../ui/data-table.tsx'
import { useText, type Translate } from '../../i18n/text.tsx'
import { Expiry, Time } from '../../ui/time.tsx'
import { useFormat, type Format } from '../../ui/use-format.ts'
import { useVaultText, type VaultTranslate } from '../i18n/vault-text.ts'
import { entryPath, importanceKey } from './file-entry.ts'
import { FileState } from './file-state.tsx'
import { shownName } from './shown-name.ts'

interface Words {
  t: VaultTranslate
  common: Translate
  format: Format
}

/** What tables of files show. @param isShared - files of others: their owners, and nobody whom they are shared with. */
export function useFileColumns({ isShared }: { isShared: boolean }): Column<CatalogueEntry>[] {
  const { t } = useVaultText()
  const { t: common } = useText()
  const format = useFormat()
  return useMemo(() => {
    const words = { t, common, format }
    const last = isShared ? ownerColumn(words) : sharedWithColumn(words)
    return [...kindColumns(words), ...keepingColumns(words), last]
  }, [t, common, format, isShared])
}

/** What it is. */
function kindColumns({ t, common, format }: Words): Column<CatalogueEntry>[] {
  const importance = (code: number) => {
    const key = importanceKey(code)
    return key === null ? String(code) : t(key)
  }
  return [
    {
      key: 'name',
      header: t('files.name'),
      cell: (entry) => (
        <Link className="file-name" to={entryPath(entry)}>
          {shownName(entry.name)}
        </Link>
      ),
      sortBy: ({ name }) => name,
    },
    {
      key: 'class',
      header: common('common.class'),
      cell: ({ classCode }) => format.className(classCode),
      sortBy: ({ classCode }) => format.className(classCode),
    },
    {
      key: 'importance',
      header: t('files.importance'),
      cell: (entry) => importance(entry.importance),
      sortBy: (entry) => -entry.importance,
    },
    {
      key: 'level',
      header: common('common.level'),
      cell: ({ level }) => level,
      sortBy: ({ level }) => level,
      isNumber: true,
    },
    {
      key: 'size',
      header: common('common.size'),
      cell: ({ plainBytes }) => format.bytes(plainBytes),
      sortBy: ({ plainBytes }) => plainBytes,
      isNumber: true,
    },
  ]
}

/** How it is kept. */
function keepingColumns({ t, common }: Words): Column<CatalogueEntry>[] {
  return [
    {
      key: 'stored',
      header: t('files.storedAt'),
      cell: ({ storedMs }) => <Time timeMs={storedMs} />,
      sortBy: ({ storedMs }) => storedMs,
    },
    {
      key: 'expires',
      header: common('common.expires'),
      cell: ({ expiry }) => <Expiry seconds={expiry} />,
      sortBy: ({ expiry }) => expiry,
    },
    {
      key: 'state',
      header: common('common.state'),
      cell: ({ state }) => <FileState state={state} />,
      sortBy: ({ state }) => state,
    },
  ]
}

function ownerColumn({ t }: Words): Column<CatalogueEntry> {
  return {
    key: 'owner',
    header: t('file.owner'),
    cell: ({ ownerId }) => t('file.ownerClient', { id: ownerId }),
    sortBy: ({ ownerId }) => ownerId,
  }
}

function sharedWithColumn({ t }: Words): Column<CatalogueEntry> {
  return {
    key: 'sharedWith',
    header: t('files.sharedWith'),
    cell: ({ sharedWith = 0 }) =>
      sharedWith === 0 ? t('files.nobody') : t('files.others', { count: sharedWith }),
    sortBy: ({ sharedWith = 0 }) => sharedWith,
  }
}
