import type { Crews } from './crews.ts'
import { InlineCrew } from './inline-crew.ts'
import { ThreadCrew } from './thread-crew.ts'

/** The crews of one process. */
export interface SharedCrews extends Crews {
  readonly threads: ThreadCrew
}

let shared: SharedCrews | null = null

/** The crews that everything in this process shares, made at first use. */
export function sharedCrews(): SharedCrews {
  shared ??= { inline: new InlineCrew(), threads: new ThreadCrew() }
  return shared
}
