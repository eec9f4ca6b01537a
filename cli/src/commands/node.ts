import { join } from 'node:path'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe, describeGroup } from '../define-command.ts'
import { HomeLayout, programFile } from '../devnet/layout.ts'
import type { Commands } from '../commands.ts'
import { nodeArguments, type NodeFlags } from './node-arguments.ts'
import { runScript } from './run-script.ts'

export function addNode({ program, action }: Commands): void {
  const node = describeGroup(program.command('node'), {
    summary: 'run a storage node',
    example: 'orlop node run --help',
  })
  describe(node.command('run'), {
    summary: 'run a storage node until Ctrl-C; it registers and waits for the steward to admit it',
    example:
      'orlop node run --name B01 --listen /ip4/0.0.0.0/tcp/4001 --rpc-url http://localhost:8545 \\\n  --deployment deployment.json --capacity 500G',
  })
    .requiredOption('--name <name>', 'public name, such as B01')
    .option('--tier <tier>', 'heavy or light', 'heavy')
    .option('--region <region>', 'public region', '')
    .option('--listen <multiaddr...>', 'where to listen', ['/ip4/127.0.0.1/tcp/0'])
    .option('--announce <multiaddr...>', 'where others reach the node, when elsewhere')
    .requiredOption('--rpc-url <url>', 'JSON-RPC of the ledger')
    .requiredOption('--deployment <file>', 'which contracts, as the deploy script wrote them')
    .option('--finality-depth <blocks>', 'blocks until this ledger cannot lose a receipt')
    .option('--finality-age-ms <ms>', 'the same as an age of the block; counts before the depth')
    .option('--finality-tag', 'what the ledger itself calls finalized; counts before both')
    .option('--capacity <bytes>', 'most bytes to take, such as 50G', '10G')
    .option('--master', 'become the fleet’s master, when the ledger allows it')
    .option('--admit-clients <whom>', 'all or none, while being the master (default: none)')
    .option('--admit-nodes <whom>', 'all or none, while being the master (default: none)')
    .option('--metrics-port <port>', '/metrics and /health on 127.0.0.1; 0 for any free one', '0')
    .option('--repair-index', 'repair a damaged index before opening it')
    .option('--log-file <file>', 'log there instead of to stderr')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .action(action(runNode))
}

async function runNode(context: CliContext, flags: CommonFlags & NodeFlags): Promise<void> {
  const home = join(new HomeLayout(context.home).home, 'nodes', flags.name)
  const args = nodeArguments(home, flags)
  process.exitCode = await runScript(context, programFile('@orlop/node/main'), args)
}
