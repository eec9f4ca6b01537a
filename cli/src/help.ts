import { Command, Help, type HelpContext, type Option } from 'commander'

/** Heading of the options that every command has. */
export const COMMON = 'Options of every command:'

/** Help that shows a command's own options before those of every command. */
class OwnOptionsFirst extends Help {
  override groupItems<T extends Command | Option>(
    all: T[],
    visible: T[],
    groupOf: (item: T) => string,
  ): Map<string, T[]> {
    const groups = super.groupItems(all, visible, groupOf)
    const shared = groups.get(COMMON)
    groups.delete(COMMON)
    return shared === undefined ? groups : groups.set(COMMON, shared)
  }
}

/** Shown under `--help`. */
export function exampleText(example: string): string {
  return `\nExample:\n${example.replaceAll(/^/gm, '  ')}`
}

/** A command whose help, and that of its own commands, is {@link OwnOptionsFirst}; asked for help with a command it does not have, it says so. */
export class HelpfulCommand extends Command {
  override createCommand(name?: string): Command {
    return new HelpfulCommand(name)
  }

  override createHelp(): Help {
    return new OwnOptionsFirst()
  }

  override helpInformation(context?: HelpContext): string {
    const [first, second] = this.args
    const named = first === 'help' ? second : first
    if (named !== undefined && !this.#knows(named)) {
      const all = this.commands.map((command) => command.name()).join(', ')
      this.error(`error: there is no command '${named}'. Those there are: ${all}.`, {
        code: 'commander.unknownCommand',
      })
    }
    return super.helpInformation(context)
  }

  /** Whether a word may stand where it does: as a command of this one, as an option, or as an argument where there are no commands. */
  #knows(word: string): boolean {
    return (
      this.commands.length === 0 ||
      word.startsWith('-') ||
      this.commands.some((command) => [command.name(), ...command.aliases()].includes(word))
    )
  }
}
