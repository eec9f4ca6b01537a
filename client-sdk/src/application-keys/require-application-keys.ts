import { OrlopError } from '@orlop/protocol/errors'
import type { ClientContext } from '../context.ts'
import type { ApplicationKeys } from './application-keys.ts'

/** @throws OrlopError `APP_KEYS_UNREACHABLE` for a client that acts for no application. */
export function requireApplicationKeys({
  applicationKeys,
}: Pick<ClientContext, 'applicationKeys'>): ApplicationKeys {
  if (applicationKeys !== null) return applicationKeys
  throw new OrlopError(
    'APP_KEYS_UNREACHABLE',
    'This client has no key management centre to obtain the keys of applications from. Set one up for it.',
  )
}
