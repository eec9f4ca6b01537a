import { OrlopError } from '@orlop/protocol/errors'

/** Why the contract left an item of a batch out, by its code (`IReceipts.RejectReason`). */
export const REJECT_REASONS = [
  'None',
  'Malformed',
  'UnknownNode',
  'NodeNotAdmitted',
  'AlreadyRecorded',
  'Expired',
  'AckMissing',
  'BadAck',
  'UnknownClient',
  'ClientNotAdmitted',
  'BadSignature',
] as const
export type RejectReason = (typeof REJECT_REASONS)[number]

/** What to do about each error of the contracts; the default is to look at the state it names. */
const NEXT_STEPS: Readonly<Record<string, string>> = {
  AccessControlUnauthorizedAccount: 'Use the account that holds the role.',
  AccountInUse: 'Use another ledger key, or update the node that is registered.',
  AlreadyMoved: 'Cite the receipt at the new node.',
  AlreadyRated: 'Nothing to do: each receipt is rated once.',
  BadSignature: 'Sign again with the key that the ledger names now.',
  CitationMismatch: 'Cite a receipt of the strip that the message is about.',
  ClientRefused: 'Ask the steward to admit the client.',
  ExpiryNotLater: 'Choose a later expiry.',
  InvalidField: 'Correct the field.',
  MoveNotAllowed: 'Ask the client to allow moves when it stores.',
  NodeRefused: 'Choose an admitted node.',
  NotANode: 'Register the node first.',
  NotRecorded: 'Wait until the receipt is recorded, or check its number.',
  NotSteward: 'Use the account of the steward.',
  ReceiptExpired: 'Store the object again.',
  SignerInUse: 'Use a key that no client has or had.',
  StripRemoved: 'Store the object again under a new name.',
  UnknownClient: 'Check the client number.',
  UnknownNode: 'Check the node number.',
  WrongNonce: 'Read the client again and sign with its present nonce.',
}

/** What the contract said, in the words of its own error. */
export interface Rejection {
  /** What was asked of the ledger, as in "rate a receipt". */
  action: string
  /** Name of the contract's error. */
  reason: string
  /** The arguments of that error. */
  facts?: Readonly<Record<string, string | number | boolean>>
  cause?: unknown
}

/** The error of a call that a contract reverted: `details.reason` is the name of the contract's error. */
export function ledgerRejected({ action, reason, facts = {}, cause }: Rejection): OrlopError {
  const listed = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`)
  const circumstances = listed.length === 0 ? '' : ` (${listed.join(', ')})`
  const nextStep = NEXT_STEPS[reason] ?? 'Check the state that the ledger names.'
  return new OrlopError(
    'LEDGER_REJECTED',
    `The ledger refused to ${action}: ${reason}${circumstances}. ${nextStep}`,
    { details: { ...facts, reason }, cause },
  )
}
