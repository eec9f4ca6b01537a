import type { Crews } from './crews.ts'
import { InlineCrew } from './inline-crew.ts'

let shared: Crews | null = null

/** The crew of a page whose application started no workers for it: everything is done in the calling thread. */
export function sharedCrews(): Crews {
  if (shared !== null) return shared
  const inline = new InlineCrew()
  shared = { inline, threads: inline }
  return shared
}
