import type { Command } from 'commander'
import { addAgent } from './commands/agent.ts'
import { addClient } from './commands/client.ts'
import { addCustody } from './commands/custody.ts'
import { addDevnet } from './commands/devnet.ts'
import { addEvidence } from './commands/evidence.ts'
import { addGateway } from './commands/gateway.ts'
import { addGet } from './commands/get.ts'
import { addIdentity } from './commands/identity.ts'
import { addIntrude } from './commands/intrude.ts'
import { addKeeping } from './commands/keeping.ts'
import { addKmc } from './commands/kmc.ts'
import { addListing } from './commands/listing.ts'
import { addNode } from './commands/node.ts'
import { addRotate } from './commands/rotate.ts'
import { addPut } from './commands/put.ts'
import { addSharing } from './commands/sharing.ts'
import { addStart } from './commands/start.ts'
import { addVerify } from './commands/verify.ts'
import type { CliContext } from './context.ts'
import type { Commands } from './commands.ts'
import { type CommonFlags, contextOf, type Surroundings } from './define-command.ts'
import { exampleText, HelpfulCommand } from './help.ts'

/** The whole command line. Errors, help and versions come back as commander's exceptions: nothing here ends the process. */
export function createProgram(
  surroundings: Surroundings,
  onContext: (context: CliContext) => void,
): Command {
  const program = new HelpfulCommand('orlop')
    .description('Blockchain-backed secure storage for ship and IoT data.')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => surroundings.stdout.write(text),
      writeErr: (text) => surroundings.stderr.write(text),
    })
    .addHelpText(
      'after',
      exampleText('orlop devnet up\norlop put README.md --wait-for recorded\norlop ls'),
    )
    .showHelpAfterError('Say --help after the command for its options and an example.')
  const commands: Commands = {
    program,
    action:
      (work) =>
      async (...all) => {
        // Commander hands over the arguments, the options, and last the command itself.
        const rest = all.slice(0, -1)
        const context = contextOf(rest.at(-1) as CommonFlags, surroundings)
        onContext(context)
        await work(context, ...(rest as never[]))
      },
    collect: (value, earlier = []) => [...earlier, value],
  }
  const parts = [
    addStart,
    addDevnet,
    addClient,
    addIdentity,
    addRotate,
    addPut,
    addGet,
    addListing,
    addVerify,
    addSharing,
    addCustody,
    addKeeping,
    addEvidence,
    addIntrude,
    addNode,
    addAgent,
    addGateway,
    addKmc,
  ]
  for (const add of parts) add(commands)
  return program
}
