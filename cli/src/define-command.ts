import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { CliContext } from './context.ts'
import { COMMON, exampleText } from './help.ts'

/** What `main.ts` read from the process, for commands to work with. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  stdin: NodeJS.ReadStream
  signal: AbortSignal
}

export interface CommonFlags {
  home?: string
  json?: boolean
  debug?: boolean
  passphraseFile?: string
}

export interface CommandText {
  summary: string
  /** Shown under `--help`. */
  example: string
}

/** Gives a command its summary, an example in its help, and the options that every command has. */
export function describe(command: Command, { summary, example }: CommandText): Command {
  return command
    .summary(summary)
    .description(summary)
    .addOption(
      common('--home <dir>', 'everything Orlop keeps for you (default: ORLOP_HOME, or ~/.orlop)'),
    )
    .addOption(
      common(
        '--passphrase-file <file>',
        'first line opens the keyring (default: ORLOP_PASSPHRASE, or ask)',
      ),
    )
    .addOption(common('--json', 'one JSON document on stdout, progress on stderr'))
    .addOption(common('--debug', 'stack traces for failures'))
    .addHelpText('after', exampleText(example))
}

/** Names a command that has commands of its own. */
export function describeGroup(group: Command, { summary, example }: CommandText): Command {
  return group.summary(summary).description(summary).addHelpText('after', exampleText(example))
}

function common(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(COMMON)
}

/** The context that a command's options and the environment make. */
export function contextOf(flags: CommonFlags, { env, ...streams }: Surroundings): CliContext {
  return {
    ...streams,
    env,
    home: resolve(flags.home ?? env['ORLOP_HOME'] ?? join(homedir(), '.orlop')),
    json: flags.json === true,
    debug: flags.debug === true,
    passphraseFile: flags.passphraseFile ?? null,
    passphrase: env['ORLOP_PASSPHRASE'] ?? null,
  }
}
