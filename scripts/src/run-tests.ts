import { runSteps, type Step } from './steps.ts'

const mocha = (name: string, ...args: string[]): Step => ({
  name,
  command: 'mocha',
  args,
  isTestRunner: true,
})

/** Files as they are named, without the patterns of `.mocharc.json`. */
const browserOrNetwork = (name: string, ...files: string[]): Step =>
  mocha(name, '--no-config', '--extension', 'ts', '--timeout', '240000', ...files)

/** Half of the run on real processes, by time; each half has a network of its own. */
const OF_OBJECTS = ['broken-link', 'kill-nine', 'loss', 'put-get', 'secrecy', 'start'].map(
  (name) => `test/e2e/${name}.test.ts`,
)

const groups: Step[][] = [
  // Each leaves a second processor idle for much of its time.
  [
    mocha('units, conformance, properties, adversaries'),
    { name: 'contracts', command: 'hardhat', args: ['test'], isTestRunner: true },
    browserOrNetwork('pages in a browser', 'explorer/test/**/*.test.ts'),
  ],
  // These mostly wait for one another.
  [
    browserOrNetwork('real processes: objects', ...OF_OBJECTS),
    browserOrNetwork(
      'real processes: commands and pages',
      'test/e2e/**/*.test.ts',
      ...OF_OBJECTS.flatMap((file) => ['--ignore', file]),
    ),
  ],
]

process.env['HARDHAT_DISABLE_TELEMETRY_PROMPT'] = 'true'
process.exit(await runSteps(groups))
