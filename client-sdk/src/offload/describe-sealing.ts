import type { CardInfo } from '@orlop/crypto/cards/card'

/** A manifest has 255 characters for the whole cipher path. */
const MAX_NAME_CHARACTERS = 40
const MAX_LISTED_CHARACTERS = 24
const MAX_LISTED_CARDS = 2

/** A card's part in the sealing of an object. */
export interface CardPart {
  readonly info: Pick<CardInfo, 'name' | 'driver' | 'serial'>
  /** What the card does of the suite. */
  readonly algorithms: readonly string[]
  readonly chunks: number
  /** Code of what the card failed of; null when it did not. */
  readonly lostCode: string | null
}

export interface SealingFacts {
  /** In the order of their turns. */
  readonly cards: readonly CardPart[]
  readonly softwareChunks: number
}

/** Who sealed an object, for people: as `card vault (sdf, serial 0007): sm4-ctr, hmac-sm3`. */
export function describeSealing({ cards, softwareChunks }: SealingFacts): string {
  const isOneLeft = cards.some(({ lostCode, algorithms }) => {
    return lostCode === null && algorithms.length > 0
  })
  const lostCode = cards.findLast((card) => card.lostCode !== null)?.lostCode ?? null
  const lost = isOneLeft || lostCode === null ? '' : ` (${clean(lostCode)})`
  const used = cards.filter(({ chunks }) => chunks > 0)
  const [first] = used
  if (first === undefined) return `software${lost}`
  const chunks = used.reduce((sum, card) => sum + card.chunks, softwareChunks)
  const others = softwareChunks === 0 ? '' : `, the others by software${lost}`
  if (used.length > 1) return `${list(used)} of ${chunks} chunks${others}`
  return softwareChunks === 0
    ? describeCard(first)
    : `${describeCard(first)}; ${first.chunks} of ${chunks} chunks${others}`
}

function describeCard({ info, algorithms }: CardPart): string {
  const serial = info.serial === '' ? '' : `, serial ${clean(info.serial)}`
  return `card ${clean(info.name)} (${info.driver}${serial}): ${algorithms.join(', ')}`
}

/** As `cards vault serial 0007 (2), spare serial 0008 (4)`. */
function list(cards: readonly CardPart[]): string {
  const listed = cards.slice(0, MAX_LISTED_CARDS)
  const short = (text: string) => clean(text, MAX_LISTED_CHARACTERS)
  const names = listed.map(({ info, chunks }) => {
    const serial = info.serial === '' ? '' : ` serial ${short(info.serial)}`
    return `${short(info.name)}${serial} (${chunks})`
  })
  const more = cards.length > listed.length ? ` and ${cards.length - listed.length} more` : ''
  return `cards ${names.join(', ')}${more}`
}

/** What a device says of itself, as a part of a text: no sign that the text itself is made with. */
function clean(text: string, maxCharacters = MAX_NAME_CHARACTERS): string {
  const plain = text.replaceAll(/[^\p{L}\p{N} ._:/-]/gu, '?')
  return plain.length > maxCharacters ? `${plain.slice(0, maxCharacters - 1)}…` : plain
}
