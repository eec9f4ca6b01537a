import { decodeGivenPart, encodeGivenPart, type GivenPart } from '@orlop/crypto/keys/given-part'
import type { MessageKind } from './message-text.ts'

/** A given part as the parties of a joint key send it to the requester: only the requester can open it. */
export const partMessage: MessageKind<GivenPart> = {
  prefix: 'orlop-given-part:',
  maxLetters: 1024,
  what: 'part that a party of a joint key gave',
  encode: encodeGivenPart,
  decode: decodeGivenPart,
}
