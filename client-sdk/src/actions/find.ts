import {
  DATA_CLASSES,
  type DataClass,
  IMPORTANCES,
  type Importance,
} from '@orlop/protocol/data-classes'
import type { ActionOptions } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'
import { list } from './list.ts'

/** What is searched for; all conditions that are given hold together. */
export interface FindRequest {
  /** Part of the name, in any case; Unicode forms do not matter. */
  readonly name?: string
  /** Labels with their values. */
  readonly labels?: Readonly<Record<string, string>>
  readonly class?: DataClass
  readonly importance?: Importance
  /** When the plaintext was made or last changed, wall milliseconds; `toMs` exclusive. */
  readonly fromMs?: number
  readonly toMs?: number
}

/**
 * Searches this client's own decrypted catalogue, on its own disk: the nodes never see a search.
 *
 * @returns the matching entries, the newest first.
 * @throws as `list`.
 */
export async function find(
  context: ClientContext,
  request: FindRequest,
  options: ActionOptions = {},
): Promise<CatalogueEntry[]> {
  const entries = await list(context, {}, options)
  return entries.filter((entry) => matches(entry, request))
}

function matches(entry: CatalogueEntry, wanted: FindRequest): boolean {
  const { name, labels = {}, fromMs = 0, toMs = Infinity } = wanted
  if (name !== undefined && !fold(entry.name).includes(fold(name))) return false
  if (wanted.class !== undefined && entry.classCode !== DATA_CLASSES[wanted.class]) return false
  if (wanted.importance !== undefined && entry.importance !== IMPORTANCES[wanted.importance]) {
    return false
  }
  if (entry.createdMs < fromMs || entry.createdMs >= toMs) return false
  return Object.entries(labels).every(([key, value]) => entry.labels[key] === value)
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase('en')
}
