import { Command, InvalidArgumentError, Option } from 'commander'

/** What the program was told. */
export interface Flags {
  home: string
  host: string
  port?: number
  name: string[]
  threshold: number
  custodians: number
  printShares: boolean
  sharesOnStdin: boolean
  restore?: string
  destruction: string[]
  etcd: string[]
  etcdNamespace?: string
  etcdAuthority?: string
  etcdCertificate?: string
  etcdKey?: string
  backups?: string
  rpcUrl?: string
  acceptRollback: boolean
  anchorMinutes: number
  requestsPerMinute: number
  cards?: string
  logFile?: string
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}

const MAX_PORT = 65_535
const MAX_CUSTODIANS = 255
const REQUESTS_PER_MINUTE = 6000
const MINUTES_OF_A_WEEK = 7 * 24 * 60

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= least && number <= most) return number
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`)
  }
}

const collect = (value: string, earlier: readonly string[] = []) => [...earlier, value]

/** The program's flags; `env` may hold `ORLOP_KMC_HOME`. */
export function createKmcCommand(env: Readonly<Record<string, string | undefined>>): Command {
  const command = new Command('orlop-kmc')
    .exitOverride()
    .description('Serves a key management centre until it is told to stop (SIGTERM, SIGINT).')
    .requiredOption('--home <folder>', 'where the centre is kept', env['ORLOP_KMC_HOME'])
    .option('--host <address>', 'where to listen; 0.0.0.0 for every interface', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free one', wholeNumber(0, MAX_PORT))
    .option('--name <host>', 'a name or address it is asked for by; may be repeated', collect, [])
    .option(
      '--threshold <count>',
      'of a new centre: shares that unseal it',
      wholeNumber(2, MAX_CUSTODIANS),
      2,
    )
    .option(
      '--custodians <count>',
      'of a new centre: shares in all',
      wholeNumber(2, MAX_CUSTODIANS),
      3,
    )
    .option('--print-shares', 'say the shares of a new centre instead of writing them', false)
    .option('--shares-on-stdin', 'read shares from standard input, one a line', false)
    .option('--restore <file>', 'bring a backup into an empty home, and end')
    .option(
      '--destruction <file>',
      'with --restore: statement of a destroyed key; may be repeated',
      collect,
      [],
    )
    .option(
      '--rpc-url <url>',
      'JSON-RPC of the ledger that the end of the audit log is anchored on',
    )
    .option(
      '--accept-rollback',
      'take a store that was brought back to an older state as it is',
      false,
    )
    .option(
      '--anchor-minutes <count>',
      'from one anchor to the next',
      wholeNumber(1, MINUTES_OF_A_WEEK),
      60,
    )
    .option(
      '--requests-per-minute <count>',
      'most requests of one role and name',
      wholeNumber(1, 1_000_000),
      REQUESTS_PER_MINUTE,
    )
    .option('--log-file <file>', 'log there instead of to stderr')
    .addOption(
      new Option('--log-level <level>')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
  return withPlaces(command)
}

/** Where rows, backups and cards are, when not in the home. */
function withPlaces(command: Command): Command {
  return command
    .option(
      '--etcd <url>',
      'a member of the etcd that replicas share; may be repeated',
      collect,
      [],
    )
    .option('--etcd-namespace <text>', 'what its keys begin with')
    .option('--etcd-authority <file>', 'authority of its members, in PEM')
    .option('--etcd-certificate <file>', 'what is shown to its members, in PEM')
    .option('--etcd-key <file>', 'the key of that, in PEM')
    .option('--backups <folder>', 'where backups lie; replicas share one')
    .option(
      '--cards <file>',
      'cards that the platform’s API works with, and the one that unseals the centre, in JSON',
    )
}
