import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readCounts, runSteps, type Step } from './steps.ts'

describe('counts of a test runner', () => {
  it('are read, colours and several reports included', () => {
    const output =
      '\u001b[92m \u001b[0m\u001b[32m 12 passing\u001b[0m (3s)\n  1 failing\n\n  3 passing\n'
    expect(readCounts(output, 1)).to.deep.equal({ passed: 15, failed: 1 })
  })

  it('are not taken twice where a runner sums up its parts', () => {
    const output = '  25 passing\n  74 passing (43s)\n\n99 passing (25 solidity, 74 mocha)\n'
    expect(readCounts(output, 0)).to.deep.equal({ passed: 99, failed: 0 })
  })

  it('name a crash and an empty run as a failure', () => {
    expect(readCounts('5 passing\n', 134)).to.deep.equal({ passed: 5, failed: 1 })
    expect(readCounts('', 0)).to.deep.equal({ passed: 0, failed: 1 })
  })
})

describe('steps', () => {
  const program = (name: string, text: string, ...args: string[]): Step => ({
    name,
    command: process.execPath,
    args: ['--input-type=module', '--eval', text, ...args],
    isTestRunner: false,
  })
  const says = (word: string) => `process.stdout.write('${word}\\n')`

  async function run(...groups: Step[][]): Promise<{ exitCode: number; text: string }> {
    const said: string[] = []
    const exitCode = await runSteps(groups, (text) => said.push(text))
    return { exitCode, text: said.join('').replaceAll(/\d+\.\d s/g, 'T') }
  }

  it('of a group run side by side, and are shown one after the other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-steps-'))
    try {
      // Each ends only when the other has begun.
      const meet = `import { existsSync, watch, writeFileSync } from 'node:fs'
        const [own, other] = process.argv.slice(-2)
        const watcher = watch('${folder}', look)
        writeFileSync('${folder}/' + own, '')
        function look() { if (existsSync('${folder}/' + other)) watcher.close() }
        look()
        process.stdout.write(own + ' was there\\n')`
      const { exitCode, text } = await run([
        program('first', meet, 'a', 'b'),
        program('second', meet, 'b', 'a'),
      ])
      expect(exitCode).to.equal(0)
      expect(text).to.equal(
        '\n=== first\na was there\n=== first: 1 passed, 0 failed, T\n' +
          '\n=== second\nb was there\n=== second: 1 passed, 0 failed, T\n\n2 passed, 0 failed\n',
      )
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('all run, whatever fails, and then the run has failed', async () => {
    const { exitCode, text } = await run(
      [program('bad', 'process.exit(3)'), program('beside', says('beside'))],
      [program('after', says('after'))],
    )
    expect(exitCode).to.equal(1)
    expect(text)
      .to.include('beside\n')
      .and.include('after\n')
      .and.match(/\n2 passed, 1 failed\n$/)
  })

  it('that failed are shown again at the end, by what they said of it', async () => {
    const runner = { isTestRunner: true }
    const { text } = await run(
      [
        {
          ...program(
            'tests',
            `${says('a test')};${says('  1 failing')};${says('  1) the bad one')};process.exit(1)`,
          ),
          ...runner,
        },
        program('check', `process.stderr.write('file 7 is wrong\\n');process.exitCode = 2`),
      ],
      [program('after', says('after'))],
    )
    expect(text.slice(text.indexOf('=== after: '))).to.equal(
      '=== after: 1 passed, 0 failed, T\n' +
        '\n=== failed: tests\n  1 failing\n  1) the bad one\n' +
        '\n=== failed: check\nfile 7 is wrong\n\n1 passed, 2 failed\n',
    )
  })
})
