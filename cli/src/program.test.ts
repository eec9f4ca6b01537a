import { expect } from 'chai'
import { type Command, CommanderError } from 'commander'
import { PassThrough } from 'node:stream'
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

describe('help asked for with a command', () => {
  async function ask(
    ...args: string[]
  ): Promise<{ exitCode: number; told: string; shown: string }> {
    let [told, shown] = ['', '']
    const streams = [new PassThrough(), new PassThrough()] as const
    streams[0].on('data', (text: Buffer) => (shown += text.toString()))
    streams[1].on('data', (text: Buffer) => (told += text.toString()))
    const [stdout, stderr] = streams as unknown as [NodeJS.WriteStream, NodeJS.WriteStream]
    const { stdin } = process
    const signal = new AbortController().signal
    const program = createProgram({ env: {}, stdout, stderr, stdin, signal }, () => undefined)
    const error: unknown = await program
      .parseAsync(args, { from: 'user' })
      .catch((caught: unknown) => caught)
    if (!(error instanceof CommanderError)) throw new Error('expected an end by commander')
    return { exitCode: error.exitCode, told, shown }
  }

  for (const args of [
    ['bogus', '--help'],
    ['help', 'bogus'],
    ['devnet', 'bogus', '--help'],
    ['devnet', 'help', 'bogus'],
  ]) {
    it(`refuses one that there is not: ${args.join(' ')}`, async () => {
      const { exitCode, told, shown } = await ask(...args)
      expect(exitCode).to.equal(1)
      expect(told).to.match(/^error: there is no command 'bogus'\. Those there are: \w+/)
      expect(shown).to.equal('')
    })
  }

  for (const args of [['--help'], ['put', '--help'], ['help', 'put'], ['devnet', '--help']]) {
    it(`gives it for one that there is: ${args.join(' ')}`, async () => {
      const { exitCode, told, shown } = await ask(...args)
      expect([exitCode, told]).to.deep.equal([0, ''])
      expect(shown).to.match(/^Usage: orlop /)
    })
  }
})
