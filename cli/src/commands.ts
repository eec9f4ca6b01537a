import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** What a command does: the context, then its arguments, then its options. Commander gives them as the command declares them. */
export type Work = (context: CliContext, ...rest: never[]) => Promise<void> | void

/** What every file in `commands/` is given to add its commands with. */
export interface Commands {
  program: Command
  /** Makes commander's handler of a command's work. */
  action: (work: Work) => (...all: unknown[]) => Promise<void>
  /** Gathers an option that may be repeated. */
  collect: (value: string, earlier?: string[]) => string[]
}
