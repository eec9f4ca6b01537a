import { runSteps, type Step } from './steps.ts'

const mocha = (name: string, ...args: string[]): Step => ({
  name,
  command: 'mocha',
  args,
  isTestRunner: true,
})

/** Files as they are named, without the patterns of `.mocharc.json`. */
const browserOrNetwork = (name: string, files: string): Step =>
  mocha(name, '--no-config', '--extension', 'ts', '--timeout', '240000', files)

const groups: Step[][] = [
  // Each leaves a second processor idle for much of its time.
  [
    mocha('units, conformance, properties, adversaries'),
    { name: 'contracts', command: 'hardhat', args: ['test'], isTestRunner: true },
    browserOrNetwork('pages in a browser', 'explorer/test/**/*.test.ts'),
  ],
  [browserOrNetwork('real processes', 'test/e2e/**/*.test.ts')],
]

process.env['HARDHAT_DISABLE_TELEMETRY_PROMPT'] = 'true'
process.exit(await runSteps(groups))
