import { base64 } from '@scure/base'
import { encodeUtf8 } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'

/** An endpoint taken apart, so that no secret in it gets into a request line or a message. */
export interface RpcEndpoint {
  /** What requests go to: without user and password. */
  requestUrl: string
  headers: Readonly<Record<string, string>>
  /** What people may see: scheme, host and port. Paths and queries often carry tokens. */
  shownUrl: string
}

/**
 * @param url - http or https, with user and password where the endpoint asks for them (HTTP Basic, RFC 7617).
 * @throws OrlopError `CONFIG_INVALID` when it is no such URL; the message does not repeat it.
 */
export function parseRpcUrl(url: string): RpcEndpoint {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new OrlopError(
      'CONFIG_INVALID',
      'The ledger URL is not an http or https URL. Give one such as http://127.0.0.1:8545.',
    )
  }
  const user = decodeURIComponent(parsed.username)
  const password = decodeURIComponent(parsed.password)
  parsed.username = ''
  parsed.password = ''
  const basic = base64.encode(encodeUtf8(`${user}:${password}`))
  const authorization = user === '' && password === '' ? {} : { authorization: `Basic ${basic}` }
  return {
    requestUrl: parsed.href,
    headers: { 'content-type': 'application/json', ...authorization },
    shownUrl: parsed.origin,
  }
}
