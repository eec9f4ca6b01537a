import { Command, Help, type Option } from 'commander'

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

/** A command whose help, and that of its own commands, is {@link OwnOptionsFirst}. */
export class HelpfulCommand extends Command {
  override createCommand(name?: string): Command {
    return new HelpfulCommand(name)
  }

  override createHelp(): Help {
    return new OwnOptionsFirst()
  }
}
