import { OrlopError } from '@orlop/protocol/errors'
import type { Recipient } from '../envelope/recipient-keys.ts'
import type { UploadApplication } from './upload-record.ts'

/**
 * What is kept by custodians, or by an application alone, is opened in no other way.
 *
 * @throws OrlopError `USAGE` when the request also names recipients, a passphrase, or both kinds of keepers.
 */
export function assertExclusive(
  request: {
    readonly application: UploadApplication | null
    readonly recipients?: readonly Recipient[]
    readonly hasPassphrase: boolean
  },
  isInCustody: boolean,
): void {
  const { application, recipients = [], hasPassphrase } = request
  const others = [
    ...(recipients.length > 0 ? ['recipients'] : []),
    ...(hasPassphrase ? ['a passphrase'] : []),
    ...(isInCustody && application !== null ? ['an application'] : []),
  ]
  const isExclusive = isInCustody || application?.exclusive === true
  if (!isExclusive || others.length === 0) return
  const keeper = isInCustody ? 'Level 3' : 'An object that its application alone opens'
  throw new OrlopError(
    'USAGE',
    `${keeper} does not go with ${others.join(' and ')}: each of these would open the object around those who keep its key. Leave out one or the other.`,
  )
}
