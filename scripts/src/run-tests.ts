import { runSteps, type Step } from './steps.ts'

const mocha = (name: string, ...args: string[]): Step => ({
  name,
  command: 'mocha',
  args,
  isTestRunner: true,
})

const steps: Step[] = [
  mocha('units, conformance, properties, adversaries'),
  { name: 'contracts', command: 'hardhat', args: ['test'], isTestRunner: true },
  mocha(
    'pages in a browser',
    '--no-config',
    '--extension',
    'ts',
    '--timeout',
    '240000',
    'explorer/test/**/*.test.ts',
  ),
  mocha(
    'real processes',
    '--no-config',
    '--extension',
    'ts',
    '--timeout',
    '240000',
    'test/e2e/**/*.test.ts',
  ),
]

process.env['HARDHAT_DISABLE_TELEMETRY_PROMPT'] = 'true'
process.exit(await runSteps(steps))
