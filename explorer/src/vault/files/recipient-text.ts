import { formatOpeningKey } from '@orlop/client-sdk/browser'

/** Writes a client's number and opening key as people hand them on, and as the command line takes them: `NUMBER=KEY`. */
export function formatRecipient(clientId: number, openingKey: Uint8Array): string {
  return `${clientId}=${formatOpeningKey(openingKey)}`
}

/** The two halves of `NUMBER=KEY`; null for a text without the sign between them. */
export function splitRecipient(text: string): { number: string; key: string } | null {
  const at = text.indexOf('=')
  if (at < 0) return null
  return { number: text.slice(0, at).trim(), key: text.slice(at + 1).trim() }
}
