import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react'
import { useNavigate } from 'react-router'
import { useVaultText } from '../i18n/vault-text.ts'
import { useVault } from '../session/session-context.tsx'
import { droppedFiles } from './dropped-files.ts'
import { parseLabels } from './parse-labels.ts'
import type { ChosenFile, UploadSettings } from './upload-item.ts'

/** What the next uploads are told, as it stands in its fields. */
export interface UploadChoice {
  /** Empty: as the policy says. */
  readonly level: '' | '1' | '2'
  readonly labels: string
}

interface Uploading {
  readonly choice: UploadChoice
  readonly choose: (choice: UploadChoice) => void
  readonly add: (files: readonly ChosenFile[]) => void
}

const UploadContext = createContext<Uploading | null>(null)

/** Takes files that are dropped anywhere on the page. */
export function UploadDrop({ children }: { children: ReactNode }) {
  const { t } = useVaultText()
  const { uploads, record } = useVault()
  const navigate = useNavigate()
  const [choice, choose] = useState<UploadChoice>({ level: '', labels: '' })
  const [isOver, setOver] = useState(false)
  const [hasFolder, setFolder] = useState(false)
  const uploading = useMemo(() => {
    const add = (files: readonly ChosenFile[]) => {
      if (files.length > 0) uploads.add(files, settingsOf(choice))
    }
    return { choice, choose, add }
  }, [choice, uploads])
  const canStore = record.state === 'admitted'
  useEffect(() => {
    if (!canStore) return
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent) => {
      setOver(false)
      if (!hasFiles(event) || event.dataTransfer === null) return
      event.preventDefault()
      const { files, folders } = droppedFiles(event.dataTransfer)
      setFolder(folders > 0)
      uploading.add(files)
      if (files.length > 0) void navigate('/')
    }
    document.addEventListener('dragover', over)
    document.addEventListener('dragleave', leave)
    document.addEventListener('drop', drop)
    return () => {
      document.removeEventListener('dragover', over)
      document.removeEventListener('dragleave', leave)
      document.removeEventListener('drop', drop)
    }
  }, [canStore, uploading, navigate])
  return (
    <UploadContext value={uploading}>
      {isOver && (
        <div className="drop-cover" aria-hidden="true">
          {t('upload.drop')}
        </div>
      )}
      {hasFolder && (
        <p className="notice" data-tone="warn" role="alert">
          {t('upload.folder')}
        </p>
      )}
      {children}
    </UploadContext>
  )
}

/** @throws Error outside of {@link UploadDrop}. */
export function useUploading(): Uploading {
  const value = use(UploadContext)
  if (value === null) throw new Error('useUploading: expected an UploadDrop above')
  return value
}

/** What is chosen goes before the policy; labels that cannot be read are left out, and the field says so. */
function settingsOf({ level, labels }: UploadChoice): UploadSettings {
  const read = parseLabels(labels)
  return {
    ...(level === '' ? {} : { level: level === '1' ? 1 : 2 }),
    ...(read === null || Object.keys(read).length === 0 ? {} : { labels: read }),
  }
}
