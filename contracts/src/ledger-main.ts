import { parseArgs } from 'node:util'
import { isOrlopError } from '@orlop/protocol/errors'
import { pino } from 'pino'
import { startEmbeddedLedger } from './embedded-ledger.ts'

/**
 * The embedded ledger as a process of its own: `node ledger-main.ts --home <folder> [--port 0]`. Prints one JSON line with `rpcUrl`,
 * `deployment` and `pid` when it serves; logs JSON lines to standard error; SIGTERM and SIGINT save and end it.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      home: { type: 'string' },
      port: { type: 'string', default: '0' },
      'log-level': { type: 'string', default: 'info' },
    },
  })
  const port = Number(values.port)
  if (values.home === undefined || !Number.isInteger(port) || port < 0 || port > 65_535) {
    process.stderr.write('Usage: ledger-main --home <folder> [--port 0–65535] [--log-level info]\n')
    return 2
  }
  const logger = pino({ level: values['log-level'] }, pino.destination(2))
  const stopping = new AbortController()
  process.on('SIGTERM', () => stopping.abort())
  process.on('SIGINT', () => stopping.abort())
  const ledger = await startEmbeddedLedger({ homeFolder: values.home, port, logger })
  stopping.signal.addEventListener('abort', () => void ledger.stop())
  if (stopping.signal.aborted) void ledger.stop()
  const { rpcUrl, deployment, pid } = ledger
  const ready = { rpcUrl, deployment, pid }
  process.stdout.write(`${JSON.stringify(ready)}\n`)
  process.send?.(ready)
  return (await ledger.ended) ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  const message = isOrlopError(error) ? `${error.code}: ${error.message}` : String(error)
  process.stderr.write(`${message}\n`)
  process.exitCode = isOrlopError(error) && error.isUsage ? 2 : 1
}
