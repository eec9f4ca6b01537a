import type { CardAlgorithm } from './algorithms.ts'
import type { CardIdentity, CardOperations } from './card.ts'

/**
 * What a driver implements; `openCard` makes a `CryptoCard` of it. A driver may rely on `openCard` for this:
 * arguments have the types and lengths that card.ts states; algorithms are of `candidates`, and after the
 * self-test only those that passed; keys are handles this driver gave out, of the type the algorithm takes,
 * not destroyed; nothing is called after `close`. It may throw at once where a card rejects.
 */
export interface CardDriver<Handle> extends CardOperations<Handle> {
  readonly identity: CardIdentity
  /** What the device may have. The self-test decides; more than that is never called. */
  readonly candidates: readonly CardAlgorithm[]
  /** Those of `candidates` that are put together on this side from what the device has. */
  readonly composed: readonly CardAlgorithm[]
}
