import type { CardAlgorithm } from '../algorithms.ts'
import type { CardOperations, RefusedAlgorithm } from '../card.ts'
import {
  CardBusyError,
  CardClosedError,
  type CardError,
  CardLostError,
  CardUnsupportedError,
} from '../card-errors.ts'
import { CryptoError } from '../../errors.ts'
import type { KnownAnswer } from './known-answer.ts'
import { KNOWN_ANSWERS } from './known-answers.ts'

export interface SelfTestResult {
  /** Those that gave every known answer. */
  readonly passed: readonly CardAlgorithm[]
  /** Those that gave a wrong one, or failed to answer. Others of the candidates the device does not have. */
  readonly refused: readonly RefusedAlgorithm[]
}

type Verdict = 'passed' | 'absent' | RefusedAlgorithm

/**
 * Asks a card for the published answers of each algorithm.
 *
 * @throws CardLostError, CardBusyError, CardClosedError when the card cannot be asked; the signal's reason
 */
export async function runSelfTest<Key>(
  card: CardOperations<Key>,
  candidates: readonly CardAlgorithm[],
  signal?: AbortSignal,
): Promise<SelfTestResult> {
  const passed: CardAlgorithm[] = []
  const refused: RefusedAlgorithm[] = []
  for (const algorithm of candidates) {
    signal?.throwIfAborted()
    const verdict = await judge(card, algorithm)
    if (verdict === 'passed') passed.push(algorithm)
    else if (verdict !== 'absent') refused.push(verdict)
  }
  // The form of this wrapping is that of the encryption, which has the vectors.
  const isEnvelopeRight = passed.includes('sm2-encrypt')
  return {
    passed: passed.filter((algorithm) => algorithm !== 'sm2-envelope' || isEnvelopeRight),
    refused,
  }
}

async function judge<Key>(card: CardOperations<Key>, algorithm: CardAlgorithm): Promise<Verdict> {
  for (const answer of KNOWN_ANSWERS.filter((one) => one.algorithm === algorithm)) {
    const verdict = await ask(card, answer)
    if (verdict !== 'passed') return verdict
  }
  return 'passed'
}

async function ask<Key>(card: CardOperations<Key>, answer: KnownAnswer): Promise<Verdict> {
  const { algorithm, vector } = answer
  try {
    return (await answer.isGivenBy(card)) ? 'passed' : { algorithm, vector }
  } catch (error) {
    if (error instanceof CardUnsupportedError) return 'absent'
    if (isUnreachable(error)) throw error
    if (error instanceof CryptoError) return { algorithm, vector, cause: error }
    throw error
  }
}

function isUnreachable(error: unknown): error is CardError {
  return (
    error instanceof CardLostError ||
    error instanceof CardBusyError ||
    error instanceof CardClosedError
  )
}
