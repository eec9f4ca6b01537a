import { join } from 'node:path'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe } from '../define-command.ts'
import { HomeLayout, programFile } from '../devnet/layout.ts'
import type { Commands } from '../commands.ts'
import { runScript } from './run-script.ts'

interface NodeFlags extends CommonFlags {
  name: string
  tier: string
  region: string
  listen: string
  rpcUrl: string
  deployment: string
  capacity: string
  metricsPort: string
}

export function addNode({ program, action }: Commands): void {
  const node = program
    .command('node')
    .summary('run a storage node')
    .description('run a storage node')
  describe(node.command('run'), {
    summary: 'run a storage node until Ctrl-C; it registers and waits for the steward to admit it',
    example:
      'orlop node run --name B01 --listen /ip4/0.0.0.0/tcp/4001 --rpc-url http://localhost:8545 \\\n  --deployment deployment.json --capacity 500G',
  })
    .requiredOption('--name <name>', 'public name, such as B01')
    .option('--tier <tier>', 'heavy or light', 'heavy')
    .option('--region <region>', 'public region', '')
    .option('--listen <multiaddr>', 'where to listen', '/ip4/127.0.0.1/tcp/0')
    .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger')
    .requiredOption('--deployment <file>', 'which contracts, as the deploy script wrote them')
    .option('--capacity <bytes>', 'most bytes to take, such as 50G', '10G')
    .option('--metrics-port <port>', '/metrics and /health on 127.0.0.1; 0 for any free one', '0')
    .action(action(runNode))
}

async function runNode(context: CliContext, flags: NodeFlags): Promise<void> {
  const home = join(new HomeLayout(context.home).home, 'nodes', flags.name)
  process.exitCode = await runScript(context, programFile('@orlop/node/main'), [
    ...['--home', home, '--name', flags.name, '--tier', flags.tier, '--region', flags.region],
    ...['--listen', flags.listen, '--rpc-url', flags.rpcUrl, '--deployment', flags.deployment],
    ...['--capacity', flags.capacity, '--metrics-port', flags.metricsPort],
  ])
}
