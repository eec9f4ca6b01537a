import type { ChaosProfile } from './engine.ts'

const profiles: readonly string[] = ['wide', 'paper'] satisfies ChaosProfile[]

/**
 * Refuses misuse of an engine before any key is derived.
 *
 * @throws TypeError when `data` is not a Uint8Array or `profile` names no keystream.
 */
export function checkRequest(profile: ChaosProfile, data: Uint8Array): void {
  if (!(data instanceof Uint8Array)) throw new TypeError('data: expected a Uint8Array')
  if (!profiles.includes(profile)) {
    throw new TypeError(`profile: expected 'wide' or 'paper', got '${String(profile)}'`)
  }
}
