import type { CatalogueEntry, Recovery } from '@orlop/client-sdk/browser'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { useVault } from '../session/session-context.tsx'

const FILES = ['files']
const LEDGER = ['ledger']

/** The list as this browser keeps it, the newest first; rebuilt from keys and ledger where it is not there. */
export function useFiles() {
  const { client } = useVault()
  return useQuery<CatalogueEntry[]>({
    queryKey: FILES,
    queryFn: ({ signal }) => client.list({}, { signal }),
    staleTime: Infinity,
  })
}

/** What reading the ledger anew brought; read once by itself, after the list is there. */
export function useLedgerReading() {
  const { client } = useVault()
  const files = useFiles()
  const outdate = useOutdateFiles()
  const reading = useQuery<Recovery>({
    queryKey: LEDGER,
    queryFn: ({ signal }) => client.recover({ signal }),
    enabled: files.isSuccess,
    staleTime: Infinity,
  })
  const { dataUpdatedAt } = reading
  useEffect(() => {
    if (dataUpdatedAt > 0) outdate()
  }, [dataUpdatedAt, outdate])
  return reading
}

/** Has the list read again from this browser's own records. */
export function useOutdateFiles(): () => void {
  const queries = useQueryClient()
  return useCallback(() => void queries.invalidateQueries({ queryKey: FILES }), [queries])
}
