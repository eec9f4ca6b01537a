import {
  type KeyOpener,
  openWithCard,
  openWithParts,
  openWithShares,
  openWithSm2Key,
  OrlopError,
} from '@orlop/client-sdk/index'
import { wipe } from '@orlop/crypto/bytes'
import { parseSm2PrivateKey } from '@orlop/crypto/cards/sm2/pem'
import type { CliContext } from './context.ts'
import { parsePem } from './keepers.ts'
import { type CardFlags, openCard } from './open-card.ts'
import { readText } from './read-text.ts'

/** What the options say about another way to an object's key. */
export interface OpenFlags extends CardFlags {
  shares?: string[]
  partials?: string[]
  jointKey?: string
  sm2Key?: string
  cardKey?: string
}

/** A way to open an object, and what to do when it is not needed any more. */
export interface Opener {
  readonly request: { readonly openBy?: KeyOpener }
  readonly close: () => Promise<void>
}

/**
 * The way that the options name; none where they name none.
 *
 * @throws OrlopError `USAGE` for options that are wrong or too many; `SHARE_INVALID`; `CARD_UNAVAILABLE`.
 */
export async function openerOf(context: CliContext, flags: OpenFlags): Promise<Opener> {
  const { shares, partials, jointKey, sm2Key, card, cardKey } = flags
  if ([shares, partials, sm2Key, card].filter((one) => one !== undefined).length > 1) {
    throw new OrlopError('USAGE', 'Give one of --shares, --partials, --sm2-key and --card.')
  }
  if ((partials === undefined) !== (jointKey === undefined)) {
    throw new OrlopError('USAGE', '--partials and --joint-key go together.')
  }
  if ((card === undefined) !== (cardKey === undefined)) {
    throw new OrlopError('USAGE', '--card and --card-key go together: which card, and which key.')
  }
  const close = () => Promise.resolve()
  if (shares !== undefined) {
    const texts = await Promise.all(shares.map((file) => readText('--shares', file)))
    return { request: { openBy: openWithShares(texts) }, close }
  }
  if (partials !== undefined && jointKey !== undefined) {
    const texts = await Promise.all(partials.map((file) => readText('--partials', file)))
    const key = await readText('--joint-key', jointKey)
    return { request: { openBy: openWithParts(key, texts) }, close }
  }
  if (sm2Key !== undefined) {
    const key = await parsePem('--sm2-key', sm2Key, parseSm2PrivateKey)
    return {
      request: { openBy: openWithSm2Key(key) },
      close: () => {
        wipe(key)
        return Promise.resolve()
      },
    }
  }
  return cardKey === undefined ? { request: {}, close } : openerOfCard(context, flags, cardKey)
}

async function openerOfCard(
  context: CliContext,
  flags: CardFlags,
  cardKey: string,
): Promise<Opener> {
  const card = await openCard(context, flags)
  return { request: { openBy: openWithCard(card, cardKey) }, close: () => card.close() }
}
