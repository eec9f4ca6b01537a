import { KmcError } from '../kmc-error.ts'

/**
 * Where a key is in its life. `generated`: it exists and nobody gets it. `active`: it is released, or used inside the centre. `revoked`: nobody gets it any more,
 * and what it sealed waits to be sealed anew. `destroying`: its bytes are gone from the store and go from the backups. `destroyed`: gone.
 */
export type KeyState = 'generated' | 'active' | 'revoked' | 'destroying' | 'destroyed'

/** What can be done with a key. */
export type KeyAct = 'activate' | 'release' | 'use' | 'rotate' | 'revoke' | 'destroy' | 'finish'

/** The life cycle: which act leads from which state to which. What is not here is refused. */
export const KEY_LIFE: Readonly<Record<KeyState, Partial<Record<KeyAct, KeyState>>>> = {
  generated: { activate: 'active', revoke: 'revoked' },
  active: { release: 'active', use: 'active', rotate: 'active', revoke: 'revoked' },
  revoked: { destroy: 'destroying' },
  destroying: { destroy: 'destroying', finish: 'destroyed' },
  destroyed: {},
}

/** The state that an act leads to. @throws KmcError `KEY_STATE` when the key's state does not allow it. */
export function nextKeyState(key: { keyId: string; state: KeyState }, act: KeyAct): KeyState {
  const { keyId, state } = key
  const next = KEY_LIFE[state][act]
  if (next !== undefined) return next
  const allowed = Object.keys(KEY_LIFE[state]).join(', ')
  throw new KmcError(
    'KEY_STATE',
    `The key '${keyId}' is ${state}: ${act} is not possible. Possible: ${allowed === '' ? 'nothing more' : allowed}.`,
    { details: { keyId, state, act } },
  )
}
