import type { Crew } from './crew.ts'
import { InlineCrew } from './inline-crew.ts'
import { ThreadCrew } from './thread-crew.ts'

/** The crews that a pipeline may use. */
export interface Crews {
  /** For objects of at most {@link INLINE_BYTES}. */
  readonly inline: Crew
  readonly threads: Crew
}

/** The crews of one process. */
export interface SharedCrews extends Crews {
  readonly threads: ThreadCrew
}

/** An object of one chunk this small is sealed in the calling thread, in about a millisecond. */
export const INLINE_BYTES = 64 * 1024

let shared: SharedCrews | null = null

/** The crews that everything in this process shares, made at first use. */
export function sharedCrews(): SharedCrews {
  shared ??= { inline: new InlineCrew(), threads: new ThreadCrew() }
  return shared
}
