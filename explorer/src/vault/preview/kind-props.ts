import type { ReadHead } from './preview-source.ts'

/** What every kind of preview gets. */
export interface KindProps {
  /** The object's name. */
  readonly name: string
  readonly reading: ReadHead
  readonly signal: AbortSignal | undefined
}
