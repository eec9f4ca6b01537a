import type { Crew } from './crew.ts'

/** The crews that a pipeline may use. */
export interface Crews {
  /** For objects of at most {@link INLINE_BYTES}. */
  readonly inline: Crew
  readonly threads: Crew
}

/** Crews that are one client's own. */
export interface OwnCrews extends Crews {
  /** Ends their workers, and with them everything that was kept there. Called when nothing is under way any more. */
  stop(): Promise<void>
}

/** An object of one chunk this small is sealed in the calling thread, in about a millisecond. */
export const INLINE_BYTES = 64 * 1024
