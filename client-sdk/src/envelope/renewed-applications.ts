import type { Stanza } from '@orlop/crypto/format/stanza'
import { applicationKeyOf } from '@orlop/crypto/keys/application-stanza'
import type { ClientContext } from '../context.ts'
import { applicationStanza, type WrapRequest } from './recipient-stanzas.ts'

/**
 * The stanzas of applications among those of an envelope, wrapped anew under the newest version of each key.
 *
 * @throws OrlopError as `ApplicationKeys`.
 */
export async function renewedApplications(
  context: ClientContext,
  stanzas: readonly Stanza[],
  request: WrapRequest,
  options: { readonly signal?: AbortSignal },
): Promise<Stanza[]> {
  const renewed: Stanza[] = []
  for (const name of stanzas.map(applicationKeyOf)) {
    if (name !== null) renewed.push(await applicationStanza(context, request, name, options))
  }
  return renewed
}
