import { encodeHex } from '@orlop/crypto/bytes'
import type { Logger } from '@orlop/protocol/logger'
import type { Centre } from '../centre.ts'
import { KmcError } from '../kmc-error.ts'
import type { KeptRoot, RootOnCard } from '../root/root-on-card.ts'
import { countSealings } from '../root/sealings.ts'
import type { Custody } from './custody.ts'

interface CardParts {
  /** Null for a centre that no card unseals. */
  readonly card: RootOnCard | null
  readonly centre: Centre
  readonly logger: Logger
}

/** Gives the card the root key that custodians unsealed the centre with. What fails is in the log: the centre serves all the same. */
export async function keepOnCard(
  root: Uint8Array,
  { card, centre, logger }: CardParts,
): Promise<void> {
  if (card === null) return
  const { centreId } = centre.seal
  try {
    await card.keep(root, { centreId, sealings: await countSealings(centre.rows) })
    logger.info({ card: card.cardName }, 'the card may unseal the centre from now on')
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown'
    logger.error({ card: card.cardName, reason }, 'the card was not given the root key')
  }
}

/**
 * Unseals a centre by its card.
 *
 * @returns why it did not; null when it did, or nothing was to do.
 * @throws KmcError what beginning to work throws, as after shares
 */
export async function unsealByCard({
  card,
  centre,
  custody,
  logger,
}: CardParts & { readonly custody: Custody }): Promise<string | null> {
  if (card === null || centre.seal.status.state === 'unsealed') return null
  const { cardName } = card
  const kept = await take(card, centre)
  if (typeof kept === 'string') {
    logger.warn({ card: cardName, reason: kept }, 'the card did not unseal the centre')
    return kept
  }
  if (await custody.unsealByCard(kept, `card ${cardName}`)) return null
  await card.forget()
  logger.warn({ card: cardName }, 'the centre was sealed since the card was given its root key')
  return `An administrator sealed the centre after the card ${cardName} was given its root key. Custodians' shares unseal it.`
}

async function take(card: RootOnCard, { seal }: Centre): Promise<KeptRoot | string> {
  try {
    const none = `The card ${card.cardName} was not given the root key of the centre ${encodeHex(seal.centreId)} yet: it is when custodians' shares unseal it.`
    return (await card.take(seal.centreId)) ?? none
  } catch (error) {
    if (error instanceof KmcError) return error.message
    throw error
  }
}
