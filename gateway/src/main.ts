import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { CommanderError } from 'commander'
import { type Deployment, deploymentSchema } from '@orlop/protocol/deployment'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { pino } from 'pino'
import { createGatewayCommand, type Flags } from './gateway-command.ts'
import { runGateway } from './run-gateway.ts'

/** From `gateway/src` and from `gateway/dist` alike. */
const PAGES_FOLDER = fileURLToPath(new URL('../../explorer/dist', import.meta.url))

const EXIT_GRACE_MS = 1_000

/** The gateway as a process. Says one JSON line when it serves; SIGTERM ends it in good order. */
async function main(flags: Flags): Promise<void> {
  const stopped = Promise.withResolvers<undefined>()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      stopped.resolve(undefined)
    })
  }
  const gateway = await runGateway({
    home: flags.home,
    rpcUrl: flags.rpcUrl,
    publicRpcUrl: flags.publicRpcUrl ?? null,
    forwardsRpc: flags.forwardRpc,
    deployment: await readDeployment(flags.deployment),
    host: flags.host,
    port: flags.port,
    tlsIdentityFile: flags.tlsIdentity ?? null,
    pagesFolder: flags.pages,
    allowedOrigins: flags.allowOrigin,
    requestsPerMinute: flags.requestsPerMinute,
    trustedProxies: flags.trustProxy,
    logger: createLog(flags),
  })
  const ready = { ready: true, url: gateway.url, port: gateway.port }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.send?.(ready)
  await stopped.promise
  await gateway.stop()
}

/** JSON lines. Results go to stdout, so the log never does. */
function createLog({ logFile, logLevel }: Flags) {
  const target =
    logFile === undefined
      ? pino.destination(2)
      : pino.destination({ dest: logFile, mkdir: true, sync: false })
  const serializers = { error: pino.stdSerializers.err }
  return pino({ level: logLevel, base: null, serializers }, target)
}

async function readDeployment(path: string): Promise<Deployment> {
  try {
    return deploymentSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new OrlopError(
      'CONFIG_INVALID',
      `${path} is no deployment file. It is written when the contracts are deployed: chainId, registry, receipts, credit, fromBlock.`,
      { cause },
    )
  }
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
  const command = createGatewayCommand({ env: process.env, pagesFolder: PAGES_FOLDER })
  await main(command.parse().opts<Flags>())
  process.exitCode = 0
  // A call to a ledger that says nothing would keep the process for as long as it waits.
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref()
} catch (error) {
  process.exitCode = report(error)
}
