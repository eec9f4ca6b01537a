import { Command, InvalidArgumentError, Option } from 'commander'
import type { FinalityPolicy } from '@orlop/contracts/finality'
import type { LogOptions } from './observability/create-log.ts'
import type { NodeOptions } from './options.ts'

/** What the program was told. */
export interface Flags {
  home: string
  name: string
  tier: 'heavy' | 'light'
  region: string
  listen: string[]
  announce?: string[]
  rpcUrl: string
  deployment: string
  finalityDepth?: number
  finalityAgeMs?: number
  finalityTag: boolean
  capacity: number
  master: boolean
  admitClients: 'all' | 'none'
  admitNodes: 'all' | 'none'
  metricsPort: number
  repairIndex: boolean
  logFile?: string
  logLevel: LogOptions['level']
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 1024,
  M: 1024 ** 2,
  G: 1024 ** 3,
  T: 1024 ** 4,
}

function parseBytes(text: string): number {
  const match = /^([0-9]+)([KMGT]?)(?:i?B)?$/.exec(text)
  const bytes = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? NaN)
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes
  throw new InvalidArgumentError('Expected bytes, such as 1073741824 or 50G.')
}

function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= 0) return count
  throw new InvalidArgumentError('Expected a whole number.')
}

/** The program's flags. @param env - where defaults may stand: `ORLOP_NODE_HOME`, `ORLOP_RPC_URL`, `ORLOP_DEPLOYMENT`. */
export function createNodeCommand(env: Readonly<Record<string, string | undefined>>): Command {
  return new Command('orlop-node')
    .exitOverride()
    .description('Runs an Orlop storage node until it is told to stop (SIGTERM, SIGINT).')
    .requiredOption('--home <folder>', 'everything the node keeps', env['ORLOP_NODE_HOME'])
    .requiredOption('--name <name>', 'public name, such as A01')
    .addOption(new Option('--tier <tier>').choices(['heavy', 'light']).default('heavy'))
    .option('--region <region>', 'public region', '')
    .option('--listen <multiaddr...>', 'where to listen', ['/ip4/127.0.0.1/tcp/0'])
    .option('--announce <multiaddr...>', 'where others reach the node, when elsewhere')
    .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger', env['ORLOP_RPC_URL'])
    .requiredOption('--deployment <file>', 'which contracts', env['ORLOP_DEPLOYMENT'])
    .option('--finality-depth <blocks>', 'blocks until a receipt is final', parseCount)
    .option('--finality-age-ms <ms>', 'age at which a receipt is final', parseCount)
    .option('--finality-tag', 'final is what the ledger itself calls finalized', false)
    .option('--capacity <bytes>', 'most bytes to take, such as 50G', parseBytes, 10 * 1024 ** 3)
    .option('--master', 'become the fleet’s master', false)
    .addOption(new Option('--admit-clients <whom>').choices(['all', 'none']).default('none'))
    .addOption(new Option('--admit-nodes <whom>').choices(['all', 'none']).default('none'))
    .option('--metrics-port <port>', 'for /metrics and /health on 127.0.0.1', parseCount, 0)
    .option('--repair-index', 'repair a damaged index before opening it', false)
    .option('--log-file <file>', 'log there instead of to stderr')
    .addOption(
      new Option('--log-level <level>')
        .choices(['debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
}

/** When a block counts as final: what the ledger says itself, else its age, else its depth. */
export function finalityOf(flags: Flags): FinalityPolicy {
  const { finalityTag, finalityAgeMs, finalityDepth = 0 } = flags
  if (finalityTag) return { kind: 'tag' }
  if (finalityAgeMs !== undefined) return { kind: 'age', ms: finalityAgeMs }
  return { kind: 'depth', blocks: finalityDepth }
}

/** The node's own options among the flags. */
export function nodeOptionsOf(flags: Flags): NodeOptions {
  const { home, name, tier, region, capacity: capacityBytes, master } = flags
  return {
    home,
    name,
    tier,
    region,
    capacityBytes,
    claimMaster: master,
    repairIndex: flags.repairIndex,
    admitClients: flags.admitClients,
    admitNodes: flags.admitNodes,
  }
}
