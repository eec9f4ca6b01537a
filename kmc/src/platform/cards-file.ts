import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, resolve } from 'node:path'
import * as z from 'zod'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import type { CardSource } from '@orlop/crypto/cards/pool/pooled-card'
import { KmcError } from '../kmc-error.ts'
import type { UnsealingCard } from '../root/keys-on-card.ts'

const MAX_CARDS = 64
/** What the drivers take when they are told nothing. */
const DEFAULT_SESSIONS = 3

const cardName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/)
const common = {
  /** In the log and in metrics of the pool. */
  name: cardName,
  library: z.string().refine(isAbsolute, 'expected an absolute path'),
  sessions: z.int().min(1).max(256).exactOptional(),
  /** Its first line is the PIN. Relative to the cards file. */
  pinFile: z.string().min(1).exactOptional(),
}
const keyIndex = z.int().min(1).max(9999).exactOptional()
const sdfSchema = z.strictObject({
  ...common,
  driver: z.literal('sdf'),
  profile: z.enum(['gmt-0018', 'sansec']).exactOptional(),
  /** The PIN is of this key pair. */
  keyPair: keyIndex,
})
const pkcs11Schema = z.strictObject({
  ...common,
  driver: z.literal('pkcs11'),
  token: z.string().min(1).max(64),
})
const cardSchema = z.discriminatedUnion('driver', [sdfSchema, pkcs11Schema])
const fileSchema = z.strictObject({
  cards: z
    .array(cardSchema)
    .min(1)
    .max(MAX_CARDS)
    .refine(
      (cards) => new Set(cards.map(({ name }) => name)).size === cards.length,
      'a name twice',
    ),
  /** Which of them unseals the centre, by which of its SM2 keys: an index of GM/T 0018. */
  unseal: z
    .strictObject({ card: cardName, key: z.string().regex(/^[1-9]\d{0,3}$/) })
    .exactOptional(),
})

type ConfiguredCard = z.infer<typeof cardSchema>

/** What a cards file says. */
export interface ConfiguredCards {
  /** For the platform's API. */
  readonly cards: readonly CardSource[]
  /** The one that unseals the centre; null where none does. */
  readonly unsealing: UnsealingCard | null
}

/**
 * Reads which cards a centre works with: JSON with `cards`, a list of devices by GM/T 0018 (`sdf`) and tokens of PKCS #11, and with `unseal`
 * where one of them unseals the centre.
 *
 * @throws KmcError `CONFIG_INVALID`. It repeats no value of the file.
 */
export async function readCardsFile(path: string): Promise<ConfiguredCards> {
  const { cards, unseal } = await parse(path)
  const folder = dirname(resolve(path))
  const sources = cards.map((card) => ({
    name: card.name,
    maxConcurrent: card.sessions ?? DEFAULT_SESSIONS,
    open: (signal: AbortSignal) => open(card, folder, signal),
  }))
  if (unseal === undefined) return { cards: sources, unsealing: null }
  const named = cards.findIndex(({ name }) => name === unseal.card)
  const { driver, keyPair } = { keyPair: undefined, driver: null, ...cards[named] }
  const source = sources[named]
  if (source === undefined || driver !== 'sdf' || keyPair !== Number(unseal.key)) {
    throw new KmcError(
      'CONFIG_INVALID',
      `${path} says that a card unseals, and none fits: 'unseal' names a card of GM/T 0018 and its 'keyPair', whose PIN is in 'pinFile'.`,
    )
  }
  return { cards: sources, unsealing: { ...source, keyName: unseal.key } }
}

async function parse(path: string): Promise<z.infer<typeof fileSchema>> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    const issues = cause instanceof z.ZodError ? cause.issues.slice(0, 3) : []
    const what = issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`).join('; ')
    throw new KmcError(
      'CONFIG_INVALID',
      `${path} names no cards. ${what === '' ? 'It cannot be read, or is no JSON' : what}. See docs/platform-api.md.`,
    )
  }
}

// Drivers are loaded where there is a card to open.
async function open(
  card: ConfiguredCard,
  folder: string,
  signal: AbortSignal,
): Promise<CryptoCard> {
  const { name, library, sessions, pinFile } = card
  const pin = pinFile === undefined ? null : await readPin(resolve(folder, pinFile))
  const options = {
    name,
    library,
    signal,
    ...(sessions !== undefined && { maxSessions: sessions }),
  }
  if (card.driver === 'pkcs11') {
    const { openPkcs11Card } = await import('@orlop/crypto/cards/pkcs11/open-pkcs11-card')
    return openPkcs11Card({ ...options, token: card.token, pin })
  }
  const { openSdfCard } = await import('@orlop/crypto/cards/sdf/open-sdf-card')
  const { profile, keyPair } = card
  return openSdfCard({
    ...options,
    ...(profile !== undefined && { profile }),
    ...(keyPair !== undefined && { keyPair }),
    ...(pin !== null && keyPair !== undefined && { pins: { [keyPair]: pin } }),
  })
}

async function readPin(path: string): Promise<string> {
  const [pin = ''] = (await readFile(path, 'utf8').catch(() => '')).split(/\r?\n/)
  if (pin !== '') return pin
  throw new KmcError(
    'CONFIG_INVALID',
    `The PIN file ${path} cannot be read or is empty. Put the card's PIN there.`,
  )
}
