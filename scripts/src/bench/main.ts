import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import type { Bench } from './bench.ts'
import { BENCHES } from './benches.ts'
import { formatReport } from './report.ts'
import { runBenches } from './run-benches.ts'

interface Flags {
  json: boolean
  list: boolean
  quick: boolean
  folder: string
}

const EXAMPLES = `
Examples:
  npm run bench                      all but those marked "by name only"
  npm run bench -- seal network      these two
  npm run bench -- --json > bench.json
`

const command = new Command('bench')
  .description('Measures Orlop on this machine, beside other programs where they are installed.')
  .argument('[names...]', 'which benches to run; see --list')
  .option('--list', 'say what there is to measure, and end', false)
  .option('--json', 'one JSON document on stdout', false)
  .option('--quick', 'small sizes, one run: whether it works, not how fast it is', false)
  .option('--folder <folder>', 'where test data goes, about 8 GiB of it', tmpdir())
  .addHelpText('after', EXAMPLES)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()

function chosen(names: readonly string[]): readonly Bench[] {
  if (names.length === 0) return BENCHES.filter(({ isDefault }) => isDefault)
  return names.map((name) => {
    const bench = BENCHES.find((one) => one.name === name)
    if (bench !== undefined) return bench
    const known = BENCHES.map((one) => one.name).join(', ')
    return command.error(`bench: there is no bench '${name}'. There are ${known}.`)
  })
}

function list(): string {
  return BENCHES.map(({ name, measures, isDefault }) => {
    return `${name.padEnd(12)} ${measures}${isDefault ? '' : ' (by name only)'}`
  }).join('\n')
}

async function run({ json, quick, folder }: Flags): Promise<number> {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupted.abort(new Error('interrupted')))
  }
  const parentFolder = resolve(folder)
  const benches = chosen(command.args)
  await mkdir(parentFolder, { recursive: true })
  const report = await runBenches({
    benches,
    parentFolder,
    isQuick: quick,
    signal: interrupted.signal,
    progress: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : formatReport(report)}\n`)
  return report.benches.some(({ failure }) => failure !== null) ? 1 : 0
}

// As the launcher sets it, for every process that is measured here.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'orlop-compile-cache')
const flags = command.opts<Flags>()
if (flags.list) process.stdout.write(`${list()}\n`)
else {
  try {
    process.exitCode = await run(flags)
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
