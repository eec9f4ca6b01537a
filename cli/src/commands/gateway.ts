import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CliContext } from '../context.ts'
import { type CommonFlags, describe, describeGroup } from '../define-command.ts'
import { HomeLayout, programFile } from '../devnet/layout.ts'
import { readNetworkFile } from '../network-file.ts'
import type { Commands } from '../commands.ts'
import { gatewayArguments, type GatewayFlags } from './gateway-arguments.ts'
import { runScript } from './run-script.ts'

export function addGateway({ program, action, collect }: Commands): void {
  const gateway = describeGroup(program.command('gateway'), {
    summary: 'serve the explorer and its API',
    example: 'orlop gateway run --port 8080',
  })
  describe(gateway.command('run'), {
    summary: 'serve the explorer until Ctrl-C; it reads the ledger and can open nothing',
    example:
      'orlop gateway run --port 8080\norlop gateway run --host 0.0.0.0 --port 443 --rpc-url https://rpc.example.org \\\n  --deployment deployment.json --public-rpc-url https://rpc.example.org',
  })
    .option('--rpc-url <url>', "JSON-RPC of the ledger (default: this home's network)")
    .option('--deployment <file>', "which contracts (default: this home's network)")
    .option('--host <address>', 'where to listen; 0.0.0.0 for every interface', '127.0.0.1')
    .option('--port <port>', 'where to listen; 0 for any free one', '0')
    .option(
      '--tls-identity <file>',
      'serve HTTPS with this key and certificate (orlop kmc cert issue); read again when renewed',
    )
    .option('--pages <folder>', 'the explorer as it was built (default: that of this checkout)')
    .option('--public-rpc-url <url>', 'JSON-RPC that browsers may ask themselves, shown to all')
    .option('--forward-rpc', 'let browsers read the contracts through this gateway')
    .option('--allow-origin <origin>', 'whose pages may use the gateway; may be repeated', collect)
    .option('--requests-per-minute <count>', 'most requests of one address (default: 1200)')
    .option('--trust-proxy <hops>', 'proxies in front (default: 0)')
    .option('--log-file <file>', 'log there instead of to stderr')
    .option('--log-level <level>', 'debug, info, warn, error or silent (default: info)')
    .action(action(runGateway))
}

async function runGateway(context: CliContext, flags: CommonFlags & GatewayFlags): Promise<void> {
  const layout = new HomeLayout(context.home)
  const home = join(layout.home, 'gateway')
  const ledger = await ledgerOf(layout, home, flags)
  const args = gatewayArguments(home, ledger, flags)
  process.exitCode = await runScript(context, programFile('@orlop/gateway/main'), args)
}

/** The ledger that was named, for the rest the one that this home is joined to. */
async function ledgerOf(
  layout: HomeLayout,
  home: string,
  { rpcUrl, deployment }: GatewayFlags,
): Promise<{ rpcUrl: string; deployment: string }> {
  if (rpcUrl !== undefined && deployment !== undefined) return { rpcUrl, deployment }
  const network = readNetworkFile(layout.networkFile)
  const file = join(home, 'deployment.json')
  if (deployment === undefined) {
    await mkdir(home, { recursive: true })
    await writeFile(file, `${JSON.stringify(network.deployment, null, 2)}\n`)
  }
  return { rpcUrl: rpcUrl ?? network.rpcUrl, deployment: deployment ?? file }
}
