import { parseArgs } from 'node:util'
import { isOrlopError } from '@orlop/protocol/errors'
import { pino } from 'pino'
import { readAgentConfig } from './agent-config.ts'
import { runAgent } from './run-agent.ts'

/** The ship-board agent as a process: `node main.ts --config FILE`. Says one JSON line when it watches; SIGTERM ends it in good order. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { config: { type: 'string' }, 'log-level': { type: 'string', default: 'info' } },
  })
  if (values.config === undefined) {
    process.stderr.write('Usage: agent --config <file> [--log-level info]\n')
    return 2
  }
  const stopping = new AbortController()
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => {
      resolve()
    })
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      stopping.abort()
    })
  }
  const logger = pino({ level: values['log-level'] }, pino.destination(2))
  const config = await readAgentConfig(values.config)
  const agent = await runAgent({ config, logger, env: process.env, signal: stopping.signal })
  const ready = { ready: true, clientId: agent.clientId, pid: process.pid }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.send?.(ready)
  await stopped
  await agent.stop()
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  const text = isOrlopError(error) ? `${error.code}: ${error.message}` : String(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = isOrlopError(error) && error.isUsage ? 2 : 1
}
