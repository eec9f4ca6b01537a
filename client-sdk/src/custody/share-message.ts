import { decodeGivenShare, encodeGivenShare, type GivenShare } from '@orlop/crypto/keys/given-share'
import type { MessageKind } from './message-text.ts'

/** A given share as custodians send it to the requester, by whatever way: only the requester can open it. */
export const shareMessage: MessageKind<GivenShare> = {
  prefix: 'orlop-given-share:',
  maxLetters: 1024,
  what: 'share that a custodian gave',
  encode: encodeGivenShare,
  decode: decodeGivenShare,
}
