import { expect } from 'chai'
import type { Command } from 'commander'
import { createProgram } from './program.ts'

function everyCommand(): Command[] {
  const { stdout, stderr, stdin } = process
  const signal = new AbortController().signal
  const program = createProgram({ env: {}, stdout, stderr, stdin, signal }, () => undefined)
  const below = (command: Command): Command[] => [command, ...command.commands.flatMap(below)]
  return below(program)
}

function helpOf(command: Command): string {
  let help = ''
  command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  return help
}

describe('the help of every command', () => {
  for (const command of everyCommand()) {
    it(`of ${command.name()} has an example, and its own options before the common ones`, () => {
      const help = helpOf(command)
      expect(help).to.match(/^Example:\n {2}orlop /m)
      const common = help.indexOf('Options of every command:')
      if (common >= 0) expect(help.indexOf('\nOptions:')).to.be.within(0, common)
      expect(help).to.not.contain('default: []')
    })
  }
})
