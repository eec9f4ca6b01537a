import type { Stanza } from '@orlop/crypto/format/stanza'
import { OrlopError } from '@orlop/protocol/errors'
import type { KeyOpener } from '../retrieve/key-opener.ts'

/** A data key to be split among custodians. */
export interface SplitKeyRequest {
  readonly objectId: Uint8Array
  readonly headerHash: Uint8Array
  readonly ownerId: number
  /** 32 bytes; not kept. */
  readonly dataKey: Uint8Array
  readonly threshold: number
  /** The custodians' opening keys, 32 bytes each. */
  readonly custodianKeys: readonly Uint8Array[]
}

/** Sharing of data keys among custodians. Pages are spared its code. */
export interface KeyCustody {
  /** The stanzas that hold the shares, and what is public of them. */
  split(request: SplitKeyRequest): Promise<Stanza[]>
  /** Opens with the shares that this client holds itself, or says what is missing. */
  readonly openAlone: KeyOpener
}

/** @throws OrlopError `USAGE` in a web page. */
export function requireCustody({ custody }: { readonly custody: KeyCustody | null }): KeyCustody {
  if (custody !== null) return custody
  throw notInPages()
}

/** What is not for pages. */
export function notInPages(): OrlopError {
  return new OrlopError(
    'USAGE',
    'Web pages neither seal for custodians nor give shares. Use the command line or a program.',
  )
}
