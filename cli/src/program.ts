import { Command } from 'commander'
import { addAgent } from './commands/agent.ts'
import { addClient } from './commands/client.ts'
import { addDevnet } from './commands/devnet.ts'
import { addGet } from './commands/get.ts'
import { addIntrude } from './commands/intrude.ts'
import { addKeeping } from './commands/keeping.ts'
import { addListing } from './commands/listing.ts'
import { addNode } from './commands/node.ts'
import { addPut } from './commands/put.ts'
import { addSharing } from './commands/sharing.ts'
import { addStart } from './commands/start.ts'
import { addVerify } from './commands/verify.ts'
import type { CliContext } from './context.ts'
import { type CommonFlags, contextOf, type Surroundings } from './define-command.ts'

/** What a command does: the context, then its arguments, then its options. */
export type Work<A extends unknown[], F extends CommonFlags> = (
  context: CliContext,
  ...args: [...A, F]
) => Promise<void> | void

/** What every file in `commands/` is given to add its commands with. */
export interface Commands {
  program: Command
  /** Makes commander's handler of a command's work. */
  action: <A extends unknown[], F extends CommonFlags>(
    work: Work<A, F>,
  ) => (...args: [...A, F, Command]) => Promise<void>
  /** Gathers an option that may be repeated. */
  collect: (value: string, earlier: string[]) => string[]
}

/** The whole command line. Errors, help and versions come back as commander's exceptions: nothing here ends the process. */
export function createProgram(
  surroundings: Surroundings,
  onContext: (context: CliContext) => void,
): Command {
  const program = new Command('orlop')
    .description('Blockchain-backed secure storage for ship and IoT data.')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    })
    .showHelpAfterError('Say --help after the command for its options and an example.')
  const commands: Commands = {
    program,
    action:
      (work) =>
      async (...all) => {
        const args = all.slice(0, -1) as Parameters<typeof work> extends [CliContext, ...infer R]
          ? R
          : never
        const flags = all.at(-2) as CommonFlags
        const context = contextOf(flags, surroundings)
        onContext(context)
        await work(context, ...args)
      },
    collect: (value, earlier) => [...earlier, value],
  }
  const parts = [
    addStart,
    addDevnet,
    addClient,
    addPut,
    addGet,
    addListing,
    addVerify,
    addSharing,
    addKeeping,
    addIntrude,
    addNode,
    addAgent,
  ]
  for (const add of parts) add(commands)
  return program
}
