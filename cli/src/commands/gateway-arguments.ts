/** What `orlop gateway run` hands on to the gateway's own program, as the user wrote it; that program checks the values. */
export interface GatewayFlags {
  rpcUrl?: string
  deployment?: string
  host: string
  port: string
  tlsIdentity?: string
  pages?: string
  publicRpcUrl?: string
  forwardRpc?: boolean
  allowOrigin?: string[]
  requestsPerMinute?: string
  trustProxy?: string
  logFile?: string
  logLevel?: string
}

/** The arguments of the gateway's program. @param home - the gateway's own folder. */
export function gatewayArguments(
  home: string,
  ledger: { rpcUrl: string; deployment: string },
  flags: GatewayFlags,
): string[] {
  return [
    ...['--home', home, '--rpc-url', ledger.rpcUrl, '--deployment', ledger.deployment],
    ...['--host', flags.host, '--port', flags.port],
    ...optional('--tls-identity', flags.tlsIdentity),
    ...optional('--pages', flags.pages),
    ...optional('--public-rpc-url', flags.publicRpcUrl),
    ...(flags.forwardRpc === true ? ['--forward-rpc'] : []),
    ...(flags.allowOrigin ?? []).flatMap((origin) => ['--allow-origin', origin]),
    ...optional('--requests-per-minute', flags.requestsPerMinute),
    ...optional('--trust-proxy', flags.trustProxy),
    ...optional('--log-file', flags.logFile),
    ...optional('--log-level', flags.logLevel),
  ]
}

function optional(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [option, value]
}
