import { CommanderError } from 'commander'
import { isOrlopError } from '@orlop/protocol/errors'
import { createNodeCommand, finalityOf, type Flags, nodeOptionsOf } from './node-command.ts'
import { createLog } from './observability/create-log.ts'
import { readDeployment, runNode } from './run-node.ts'

async function main(flags: Flags): Promise<void> {
  const file = flags.logFile === undefined ? {} : { file: flags.logFile }
  const logger = createLog({ level: flags.logLevel, ...file })
  const running = await runNode({
    node: nodeOptionsOf(flags),
    listen: flags.listen,
    ...(flags.announce === undefined ? {} : { announce: flags.announce }),
    rpcUrl: flags.rpcUrl,
    deployment: await readDeployment(flags.deployment),
    finality: finalityOf(flags),
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
  await main(createNodeCommand(process.env).parse().opts<Flags>())
  process.exitCode = 0
} catch (error) {
  process.exitCode = report(error)
}
