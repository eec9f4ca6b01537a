import { createHmac, randomBytes } from 'node:crypto'

/** Nobody outside this process can try PINs against what is remembered here. */
const processKey = randomBytes(32)
const remembered = new Set<string>()

/**
 * PINs that a card has called wrong, for as long as this process lives: whoever opens a card again and again
 * must not use up its tries.
 *
 * @param token - names the token itself (manufacturer, serial), not the configuration's card
 */
export function wasWrongPin(token: string, pin: string): boolean {
  return remembered.has(fingerprint(token, pin))
}

/** Remembers that this PIN is wrong. */
export function rememberWrongPin(token: string, pin: string): void {
  remembered.add(fingerprint(token, pin))
}

function fingerprint(token: string, pin: string): string {
  return createHmac('sha256', processKey)
    .update(JSON.stringify([token, pin]))
    .digest('base64')
}
