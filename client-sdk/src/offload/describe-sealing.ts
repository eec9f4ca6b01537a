import type { CardInfo } from '@orlop/crypto/cards/card'

/** A manifest has 255 characters for the whole cipher path. */
const MAX_NAME_CHARACTERS = 40

export interface SealingFacts {
  readonly info: Pick<CardInfo, 'name' | 'driver' | 'serial'>
  /** What the card does of the suite. */
  readonly algorithms: readonly string[]
  readonly chunks: number
  readonly cardChunks: number
  /** Code of what the card failed of; null when it did not. */
  readonly lostCode: string | null
}

/** Who sealed an object, for people: as `card vault (sdf, serial 0007): sm4-ctr, hmac-sm3`. */
export function describeSealing(facts: SealingFacts): string {
  const { info, algorithms, chunks, cardChunks, lostCode } = facts
  const lost = lostCode === null ? '' : ` (${clean(lostCode)})`
  if (cardChunks === 0) return `software${lost}`
  const serial = info.serial === '' ? '' : `, serial ${clean(info.serial)}`
  const card = `card ${clean(info.name)} (${info.driver}${serial}): ${algorithms.join(', ')}`
  if (cardChunks === chunks) return card
  return `${card}; ${cardChunks} of ${chunks} chunks, the others by software${lost}`
}

/** What a device says of itself, as a part of a text: no sign that the text itself is made with. */
function clean(text: string): string {
  const plain = text.replaceAll(/[^\p{L}\p{N} ._:/-]/gu, '?')
  return plain.length > MAX_NAME_CHARACTERS ? `${plain.slice(0, MAX_NAME_CHARACTERS - 1)}…` : plain
}
