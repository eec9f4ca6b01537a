import type { CliContext } from '../context.ts'
import { type CommonFlags, describe, describeGroup } from '../define-command.ts'
import { programFile } from '../devnet/layout.ts'
import type { Commands } from '../commands.ts'
import { runScript } from './run-script.ts'

export function addAgent({ program, action }: Commands): void {
  const agent = describeGroup(program.command('agent'), {
    summary: 'run the ship-board agent',
    example: 'orlop agent run --config agent.yaml',
  })
  describe(agent.command('run'), {
    summary: 'watch folders and store what appears there, until Ctrl-C',
    example: 'orlop agent run --config agent.yaml',
  })
    .requiredOption('--config <file>', 'the agent’s configuration, YAML; see docs/operations.md')
    .action(action(runAgent))
}

async function runAgent(
  context: CliContext,
  flags: CommonFlags & { config: string },
): Promise<void> {
  process.exitCode = await runScript(context, programFile('@orlop/agent/main'), [
    '--config',
    flags.config,
  ])
}
