import type { KeyCustody } from './key-custody.ts'
import { openWithShares } from './open-with-shares.ts'
import { splitKey } from './split-key.ts'

/** Sharing of data keys, for programs in Node. */
export const nodeCustody: KeyCustody = { split: splitKey, openAlone: openWithShares([]) }
