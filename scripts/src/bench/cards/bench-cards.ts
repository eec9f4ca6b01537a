import type { CryptoCard } from '@orlop/crypto/cards/card'
import { openPkcs11Card } from '@orlop/crypto/cards/pkcs11/open-pkcs11-card'
import { openSdfCard } from '@orlop/crypto/cards/sdf/open-sdf-card'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { buildSdfFixture, SDF_FIXTURE_PIN } from '@orlop/crypto/testing/sdf-fixture'
import { makeSoftTokens, SOFT_TOKEN_PIN } from '@orlop/crypto/testing/soft-token'
import type { BenchContext } from '../bench.ts'

/** A kind of card to be measured. */
export interface BenchCard {
  readonly name: string
  /** Opens it with so many sessions. @param name - unique among those that are open */
  open(sessions: number, name?: string): Promise<CryptoCard>
  /** Removes what was made for it. */
  clear(): Promise<void>
}

const nothing = () => Promise.resolve()

/** The cards that this machine can open: software, a token of SoftHSM, the test device of GM/T 0018. */
export async function benchCards(context: BenchContext): Promise<BenchCard[]> {
  const cards: BenchCard[] = [{ name: 'software', open: () => openSoftwareCard(), clear: nothing }]
  for (const [name, make] of [
    ['pkcs11', softHsm],
    ['sdf', testDevice],
  ] as const) {
    try {
      cards.push(await make())
    } catch (error) {
      context.skip(name, error instanceof Error ? error.message : String(error))
    }
  }
  return cards
}

async function softHsm(): Promise<BenchCard> {
  const tokens = await makeSoftTokens('bench')
  process.env['SOFTHSM2_CONF'] = tokens.configuration
  return {
    name: 'pkcs11',
    open: (maxSessions, name = 'pkcs11') =>
      openPkcs11Card({
        library: tokens.library,
        token: 'bench',
        pin: SOFT_TOKEN_PIN,
        name,
        maxSessions,
      }),
    clear: () => tokens.remove(),
  }
}

async function testDevice(): Promise<BenchCard> {
  const library = await buildSdfFixture()
  return {
    name: 'sdf',
    open: (maxSessions, name = 'sdf') =>
      openSdfCard({ library, name, keyPair: 1, pins: { 1: SDF_FIXTURE_PIN }, maxSessions }),
    clear: nothing,
  }
}
