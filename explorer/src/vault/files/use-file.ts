import type { CatalogueEntry } from '@orlop/client-sdk/browser'
import { useSyncExternalStore } from 'react'
import { useParams } from 'react-router'
import { useVault } from '../session/session-context.tsx'
import { entryKey } from './file-entry.ts'
import { useFiles } from './use-files.ts'

/** How an object is named to the SDK, with what opens it. */
export interface FileRequest {
  readonly objectId: string
  readonly ownerId: number
  readonly passphrase?: string
}

/** The file that the page's address names; null where the list does not have it, undefined while the list is not there. */
export function useFile(): {
  entry: CatalogueEntry | null | undefined
  error: unknown
  refetch: () => unknown
} {
  const { ownerId, objectId } = useParams()
  const { data, error, refetch } = useFiles()
  const entry = data?.find((one) => entryKey(one) === `${ownerId}/${objectId}`)
  return { entry: data === undefined ? undefined : (entry ?? null), error, refetch }
}

/** How the SDK is asked for a file of the list. */
export function useFileRequest({ ownerId, objectId }: { ownerId: number; objectId: string }) {
  const { passphrases } = useVault()
  const passphrase = useSyncExternalStore(passphrases.subscribe, () =>
    passphrases.get(ownerId, objectId),
  )
  return { objectId, ownerId, ...(passphrase === undefined ? {} : { passphrase }) }
}
