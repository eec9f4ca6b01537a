import { assertInteger, concat, randomBytes, wipe } from '../../bytes.ts'
import { hkdfSha256 } from '../../kdf.ts'
import type { CryptoCard } from '../card.ts'

const MIN_SEED_BYTES = 32
/** HKDF-SHA-256 gives no more at once (RFC 5869 section 2.3). */
const MAX_BYTES = 255 * 32

/**
 * Random bytes from the system and from a card, extracted into one (RFC 5869): as good as the better of both, so
 * that a card whose source is weak, or known to somebody, takes nothing away.
 *
 * @param lengthBytes - 1 to 8160
 * @throws CardError when the card gives none
 */
export async function mixedRandom(
  card: Pick<CryptoCard, 'random'>,
  lengthBytes: number,
): Promise<Uint8Array> {
  assertInteger('lengthBytes', lengthBytes, { min: 1, max: MAX_BYTES })
  const seedBytes = Math.max(MIN_SEED_BYTES, lengthBytes)
  const system = randomBytes(seedBytes)
  const ofCard = await card.random(seedBytes)
  const key = concat(system, ofCard)
  try {
    return hkdfSha256({ key, salt: new Uint8Array(0), info: 'orlop/1/mixed-random', lengthBytes })
  } finally {
    wipe(system, ofCard, key)
  }
}
