import { runSteps, type Step } from './steps.ts'

const check = (name: string, command: string, ...args: string[]): Step => ({
  name,
  command,
  args,
  isTestRunner: false,
})

const groups: Step[][] = [
  [check('types', 'tsc', '-b')],
  [
    check('import law', 'node', 'scripts/src/layers/main.ts'),
    check('lint', 'eslint', '.'),
    check('lint of Solidity', 'solhint', '--max-warnings', '0', 'contracts/src/**/*.sol'),
    check('format', 'prettier', '--check', '--log-level', 'warn', '.'),
    check('WebAssembly is fresh', 'node', 'crypto/scripts/build-wasm.ts', '--check'),
    check('contract bindings are fresh', 'node', 'contracts/scripts/generate.ts', '--check'),
  ],
]

process.exit(await runSteps(groups))
