import { CommanderError } from 'commander'
import { KmcError, type KmcErrorCode } from '@orlop/kmc/kmc-error'
import { isOrlopError, type OrlopError } from '@orlop/protocol/errors'
import type { CliContext } from './context.ts'

/** Exit codes of every command. */
export const EXIT_DONE = 0
export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

/** The command has told the user everything already; only its exit code is left. */
export class ToldError extends Error {
  override readonly name = 'ToldError'
  readonly exitCode: number

  constructor(exitCode: number) {
    super('told already')
    this.exitCode = exitCode
  }
}

/**
 * Tells the user what failed: on stderr in words, and with `--json` as a JSON document on stdout too.
 *
 * @returns the exit code: 2 when the request itself was wrong, else 1.
 */
export function reportFailure(context: CliContext, error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_USAGE
  if (error instanceof ToldError) return error.exitCode
  const fileProblem = describeFileProblem(error)
  const message = fileProblem ?? (error instanceof Error ? error.message : String(error))
  const code = isTyped(error) ? error.code : 'INTERNAL'
  if (context.json) {
    const details = isTyped(error) ? error.details : {}
    context.stdout.write(`${JSON.stringify({ error: { code, message, details } }, null, 2)}\n`)
  }
  context.stderr.write(`orlop: ${message}\n`)
  if (context.debug) context.stderr.write(`${describeStack(error)}\n`)
  else if (!isTyped(error) && fileProblem === null)
    context.stderr.write('Run the command again with --debug to see where.\n')
  return isTyped(error) && isUsage(error) ? EXIT_USAGE : EXIT_FAILED
}

/** What a centre calls the caller's own mistake. */
const CENTRE_USAGE: readonly KmcErrorCode[] = ['CONFIG_INVALID', 'REQUEST_INVALID']

function isTyped(error: unknown): error is OrlopError | KmcError {
  return isOrlopError(error) || error instanceof KmcError
}

function isUsage(error: OrlopError | KmcError): boolean {
  return error instanceof KmcError ? CENTRE_USAGE.includes(error.code) : error.isUsage
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist. Check the path.',
  EACCES: 'may not be used by you. Check its permissions.',
  EPERM: 'may not be used by you. Check its permissions.',
  EISDIR: 'is a folder. Name a file.',
  ENOTDIR: 'has a file in its path where a folder is expected. Check the path.',
  EEXIST: 'exists already. Choose another name.',
  ENOSPC: 'cannot be written: the disk is full. Free some space and try again.',
  EROFS: 'is on a disk that cannot be written to. Choose another place.',
}

/** What the system said of a file, in words; null for everything else. */
function describeFileProblem(error: unknown): string | null {
  if (isTyped(error) || !(error instanceof Error)) return null
  const { code = '', path } = error as NodeJS.ErrnoException
  const problem = FILE_PROBLEMS[code]
  return problem === undefined || path === undefined ? null : `${path} ${problem}`
}

function describeStack(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.stack ?? error.message
  return error.cause === undefined ? own : `${own}\nCaused by: ${describeStack(error.cause)}`
}
