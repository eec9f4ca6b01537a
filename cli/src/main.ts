#!/usr/bin/env -S node --max-semi-space-size=2
import { CommanderError } from 'commander'
import type { CliContext } from './context.ts'
import { contextOf, type Surroundings } from './define-command.ts'
import { EXIT_FAILED, EXIT_USAGE, reportFailure } from './failure.ts'
import { createProgram } from './program.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopping.abort(new Error(`stopped by ${signal}`))
  })
}

// Whoever read the output has seen enough, as in `orlop ls | head`: that is no failure to tell anybody of.
const output = { isUnread: false }
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  output.isUnread = true
  process.exitCode = EXIT_FAILED
  stopping.abort(new Error('nobody reads the output'))
})

const surroundings: Surroundings = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  signal: stopping.signal,
}
const isJson = process.argv.includes('--json')
let context: CliContext = contextOf({ json: isJson }, surroundings)

try {
  const program = createProgram(surroundings, (made) => (context = made))
  if (process.argv.length <= 2) {
    program.outputHelp()
    process.exitCode = EXIT_USAGE
  } else {
    await program.parseAsync()
  }
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0
  if (!output.isUnread) process.exitCode = isHelp ? 0 : reportFailure(context, error)
}
