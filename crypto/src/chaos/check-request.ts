import { assertBytes } from '../bytes.ts'
import type { ChaosProfile } from './engine.ts'

const PROFILES: readonly string[] = ['wide', 'paper'] satisfies ChaosProfile[]

/**
 * Refuses misuse of an engine before any key is derived.
 *
 * @throws TypeError when `data` is not a Uint8Array or `profile` names no keystream
 */
export function checkRequest(profile: ChaosProfile, data: Uint8Array): void {
  assertBytes('data', data)
  if (!PROFILES.includes(profile)) {
    throw new TypeError(`profile: expected 'wide' or 'paper', got '${profile}'`)
  }
}
