import type { BrowserClient } from '@orlop/client-sdk/browser'

/** What the vault asks of a client. */
export type VaultClient = Pick<
  BrowserClient,
  | 'record'
  | 'openingKey'
  | 'nodes'
  | 'refresh'
  | 'register'
  | 'store'
  | 'uploads'
  | 'abandon'
  | 'resume'
  | 'await'
  | 'open'
  | 'retrieve'
  | 'list'
  | 'recover'
  | 'verify'
  | 'status'
  | 'recipients'
  | 'share'
  | 'revoke'
  | 'extend'
  | 'remove'
  | 'tend'
  | 'close'
>
