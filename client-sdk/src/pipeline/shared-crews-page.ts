import type { Crews } from './crews.ts'
import { PageCrew } from './page-crew.ts'

let shared: Crews | null = null

/** The crew of a page: everything is done in its own thread. */
export function sharedCrews(): Crews {
  if (shared !== null) return shared
  const crew = new PageCrew()
  shared = { inline: crew, threads: crew }
  return shared
}
