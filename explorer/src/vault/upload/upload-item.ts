import type { Treatment } from '@orlop/client-sdk/browser'

/**
 * How far an upload is. `recording`: every node has signed for it; the ledger does not show it yet. `interrupted`: sealed in an earlier
 * session, and to be sent. `lost`: not sealed when its page closed, so that its file is needed again.
 */
export type UploadPhase =
  | 'waiting'
  | 'asking'
  | 'sending'
  | 'committing'
  | 'recording'
  | 'done'
  | 'paused'
  | 'interrupted'
  | 'lost'
  | 'failed'

/** One file on its way, as the page shows it. */
export interface UploadItem {
  readonly id: string
  readonly name: string
  readonly sizeBytes: number
  readonly phase: UploadPhase
  /** Sealed bytes on the first node's disk. */
  readonly sentBytes: number
  /** Of how many; null while sealing goes on. */
  readonly totalBytes: number | null
  /** As people write it; null before there is one. */
  readonly objectId: string | null
  /** The link broke and is tried again; for people. */
  readonly trouble: string | null
  readonly error: unknown
}

/** A file to be stored. */
export interface ChosenFile {
  readonly name: string
  readonly blob: Blob
}

/** How files are stored where the policy is not to decide. */
export type UploadSettings = Pick<Treatment, 'level' | 'importance' | 'labels'>

/** Whether something goes on that ends when the vault is locked. */
export function isRunning({ phase }: UploadItem): boolean {
  return phase === 'asking' || phase === 'sending' || phase === 'committing'
}

/** Whether there is nothing left to do. */
export function isOver({ phase }: UploadItem): boolean {
  return phase === 'done' || phase === 'failed' || phase === 'lost'
}
