import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { isOrlopError } from '@orlop/protocol/errors'
import { createLog, type LogOptions } from './observability/create-log.ts'
import type { NodeOptions } from './options.ts'
import { readDeployment, runNode, type RunNodeOptions } from './run-node.ts'

interface Flags {
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
  capacity: number
  master: boolean
  admitClients?: 'all' | 'none'
  admitNodes?: 'all' | 'none'
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

const command = new Command('orlop-node')
  .exitOverride()
  .description('Runs an Orlop storage node until it is told to stop (SIGTERM, SIGINT).')
  .requiredOption('--home <folder>', 'everything the node keeps', process.env['ORLOP_NODE_HOME'])
  .requiredOption('--name <name>', 'public name, such as A01')
  .addOption(new Option('--tier <tier>').choices(['heavy', 'light']).default('heavy'))
  .option('--region <region>', 'public region', '')
  .option('--listen <multiaddr...>', 'where to listen', ['/ip4/127.0.0.1/tcp/0'])
  .option('--announce <multiaddr...>', 'where others reach the node, when elsewhere')
  .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger', process.env['ORLOP_RPC_URL'])
  .requiredOption('--deployment <file>', 'which contracts', process.env['ORLOP_DEPLOYMENT'])
  .option('--finality-depth <blocks>', 'blocks until a receipt is final', parseCount)
  .option('--finality-age-ms <ms>', 'age at which a receipt is final', parseCount)
  .option('--capacity <bytes>', 'most bytes to take, such as 50G', parseBytes, 10 * 1024 ** 3)
  .option('--master', 'become the fleet’s master, and admit all unless told otherwise', false)
  .addOption(new Option('--admit-clients <whom>').choices(['all', 'none']))
  .addOption(new Option('--admit-nodes <whom>').choices(['all', 'none']))
  .option('--metrics-port <port>', 'for /metrics and /health on 127.0.0.1', parseCount, 0)
  .option('--repair-index', 'repair a damaged index before opening it', false)
  .option('--log-file <file>', 'log there instead of to stderr')
  .addOption(
    new Option('--log-level <level>')
      .choices(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info'),
  )

function finalityOf({ finalityDepth, finalityAgeMs }: Flags): Pick<RunNodeOptions, 'finality'> {
  if (finalityAgeMs !== undefined) return { finality: { kind: 'age', ms: finalityAgeMs } }
  if (finalityDepth !== undefined) return { finality: { kind: 'depth', blocks: finalityDepth } }
  return {}
}

function nodeOptionsOf(flags: Flags): NodeOptions {
  const { home, name, tier, region, capacity: capacityBytes, master } = flags
  const unlessTold = master ? 'all' : 'none'
  return {
    home,
    name,
    tier,
    region,
    capacityBytes,
    claimMaster: master,
    repairIndex: flags.repairIndex,
    admitClients: flags.admitClients ?? unlessTold,
    admitNodes: flags.admitNodes ?? unlessTold,
  }
}

async function main(flags: Flags): Promise<void> {
  const file = flags.logFile === undefined ? {} : { file: flags.logFile }
  const logger = createLog({ level: flags.logLevel, ...file })
  const running = await runNode({
    node: nodeOptionsOf(flags),
    listen: flags.listen,
    ...(flags.announce === undefined ? {} : { announce: flags.announce }),
    rpcUrl: flags.rpcUrl,
    deployment: await readDeployment(flags.deployment),
    ...finalityOf(flags),
    metricsPort: flags.metricsPort,
    logger,
  })
  const { nodeId, peerId, addresses } = running.node
  const ready = { ready: true, nodeId, peerId, addresses, metricsPort: running.metricsPort }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.send?.(ready)
  const stopped = Promise.withResolvers<undefined>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopped.resolve(undefined)
    })
  }
  await stopped.promise
  await running.stop()
}

/** Says what went wrong. @returns the exit code: 0 for help, 2 for wrong usage, 1 for all else. */
function report(error: unknown): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const text = isOrlopError(error) ? `${error.code}: ${error.message}` : String(error)
  process.stderr.write(`${text}\n`)
  return isOrlopError(error) && error.isUsage ? 2 : 1
}

try {
  await main(command.parse().opts<Flags>())
  process.exitCode = 0
} catch (error) {
  process.exitCode = report(error)
}
