import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { CliContext } from '../context.ts'
import { EXIT_FAILED } from '../failure.ts'

/**
 * Runs one of our programs in the foreground with this terminal, until it ends; Ctrl-C ends it in good order.
 *
 * @param script - absolute path of its `main.ts`.
 * @returns its exit code.
 */
export async function runScript(
  context: CliContext,
  script: string,
  args: readonly string[],
): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: 'inherit',
  })
  const stop = () => child.kill('SIGTERM')
  context.signal.addEventListener('abort', stop)
  const [code] = (await once(child, 'exit')) as [number | null]
  context.signal.removeEventListener('abort', stop)
  // Without a code it was killed by a signal.
  return code ?? EXIT_FAILED
}
