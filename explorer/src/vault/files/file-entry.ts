import { formatObjectId, type CatalogueEntry } from '@orlop/client-sdk/browser'
import { IMPORTANCES } from '@orlop/protocol/data-classes'
import type { VaultKey } from '../i18n/vault-text.ts'

/** One file of the list, told apart from others: names of objects are their owners'. */
export function entryKey({ ownerId, objectId }: CatalogueEntry): string {
  return `${ownerId}/${formatObjectId(objectId)}`
}

/** Address of a file's own page. */
export function entryPath(entry: CatalogueEntry): string {
  return `/files/${entryKey(entry)}`
}

const IMPORTANCE_KEYS = new Map<number, VaultKey>(
  Object.entries(IMPORTANCES).map(([name, code]) => [
    code,
    `importance.${name as keyof typeof IMPORTANCES}`,
  ]),
)

/** The catalogue's key for how much a file matters; null for codes of later versions. */
export function importanceKey(code: number): VaultKey | null {
  return IMPORTANCE_KEYS.get(code) ?? null
}

/**
 * Whether a file has a text in its name, a label's name or a label's value. Case and Unicode forms do not matter.
 *
 * @param search - several words are all looked for.
 */
export function matchesSearch({ name, labels }: CatalogueEntry, search: string): boolean {
  const words = fold(search)
    .split(/\s+/)
    .filter((word) => word !== '')
  const texts = [name, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)].map(fold)
  return words.every((word) => texts.some((text) => text.includes(word)))
}

function fold(text: string): string {
  return text.normalize('NFKC').toLocaleLowerCase('en')
}
