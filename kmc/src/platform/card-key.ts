import type { CardKey, CryptoCard } from '@orlop/crypto/cards/card'
import type { SecretType } from '@orlop/crypto/cards/algorithms'

/** Brings a key into a card, uses it there and takes it out again. */
export async function withCardKey<T>(
  { card, type, bytes }: { card: CryptoCard; type: SecretType; bytes: Uint8Array },
  work: (key: CardKey) => Promise<T>,
): Promise<T> {
  const key = await card.importKey({ type, bytes })
  try {
    return await work(key)
  } finally {
    await card.destroyKey(key)
  }
}
