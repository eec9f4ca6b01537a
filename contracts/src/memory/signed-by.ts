import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import {
  signerOf,
  type Fields,
  type MessageOf,
  type MessageType,
  type Signed,
} from '@orlop/protocol/typed-message'

/** Whether `expected` (EIP-55) signed the message: judged as the contracts do, so a malformed signature is a plain no. */
export function isSignedBy<F extends Fields>(
  type: MessageType<F>,
  deployment: Deployment,
  signed: Signed<MessageOf<F>>,
  expected: string,
): boolean {
  try {
    return signerOf(type, deployment, signed) === expected
  } catch (error) {
    if (error instanceof OrlopError) return false
    throw error
  }
}
