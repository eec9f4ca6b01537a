import { Command, InvalidArgumentError, Option } from 'commander'

/** What the program was told. */
export interface Flags {
  home: string
  rpcUrl: string
  deployment: string
  host: string
  port: number
  tlsIdentity?: string
  pages: string
  publicRpcUrl?: string
  forwardRpc: boolean
  allowOrigin: string[]
  requestsPerMinute: number
  trustProxy: number
  logFile?: string
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

export interface Defaults {
  env: Readonly<Record<string, string | undefined>>
  /** Where a checkout has the explorer's built pages. */
  pagesFolder: string
}

const MAX_PORT = 65_535
const MAX_PROXIES = 16
const REQUESTS_PER_MINUTE = 1200

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

function parseOrigin(text: string, earlier: readonly string[] = []): string[] {
  if (text !== '*' && !(URL.canParse(text) && new URL(text).origin === text)) {
    throw new InvalidArgumentError('Expected an origin, such as https://fleet.example, or *.')
  }
  return [...earlier, text]
}

/** The program's flags; `env` may hold `ORLOP_GATEWAY_HOME`, `ORLOP_RPC_URL`, `ORLOP_DEPLOYMENT`. */
export function createGatewayCommand({ env, pagesFolder }: Defaults): Command {
  return new Command('orlop-gateway')
    .exitOverride()
    .description('Serves the explorer and its API until it is told to stop (SIGTERM, SIGINT).')
    .requiredOption('--home <folder>', 'where the index is kept', env['ORLOP_GATEWAY_HOME'])
    .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger', env['ORLOP_RPC_URL'])
    .requiredOption('--deployment <file>', 'which contracts', env['ORLOP_DEPLOYMENT'])
    .option('--host <address>', 'where to listen; 0.0.0.0 for every interface', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free one', wholeNumber(0, MAX_PORT), 0)
    .option(
      '--tls-identity <file>',
      'serve HTTPS with this key and certificate; read again when renewed',
    )
    .option('--pages <folder>', 'the explorer as it was built', pagesFolder)
    .option('--public-rpc-url <url>', 'JSON-RPC that browsers may ask themselves, shown to all')
    .option('--forward-rpc', 'let browsers read the contracts through this gateway', false)
    .option(
      '--allow-origin <origin>',
      'whose pages may use the gateway; may be repeated',
      parseOrigin,
      [],
    )
    .option(
      '--requests-per-minute <count>',
      'most requests of one address',
      wholeNumber(1, 1_000_000),
      REQUESTS_PER_MINUTE,
    )
    .option('--trust-proxy <hops>', 'proxies in front', wholeNumber(0, MAX_PROXIES), 0)
    .option('--log-file <file>', 'log there instead of to stderr')
    .addOption(
      new Option('--log-level <level>')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
}
