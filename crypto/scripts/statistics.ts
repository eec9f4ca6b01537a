// Runs the statistical battery over keystreams of the chaotic cipher and over a control:
//
//   node crypto/scripts/statistics.ts [--sequences 200] [--bits 1000000] [--profile wide|paper] [--write]
//
// The settings of the tests are those for 10⁶ bits; fewer are refused. Prints a table; with --write
// it also writes docs/chaos-statistics.md. Exit code 1 when a row of a keystream fails. A full run
// takes a few minutes for each source.

import { writeFile } from 'node:fs/promises'
import { arch, cpus, platform } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { format, resolveConfig } from 'prettier'

import type { ChaosProfile } from '../src/chaos/engine.ts'
import { BATTERY } from '../src/randomness/battery.ts'
import { unpackBits } from '../src/randomness/bits.ts'
import { SIGNIFICANCE, uniformity } from '../src/randomness/judgement.ts'
import { failedRows, formatReport, formatTable, type SourceResult } from './statistics-report.ts'
import { controlSource, keystreamSource, type Source } from './statistics-sources.ts'

const REPORT_FILE = new URL('../../docs/chaos-statistics.md', import.meta.url)
const PROFILES: readonly ChaosProfile[] = ['wide', 'paper']

interface Settings {
  sequenceCount: number
  bitCount: number
  profiles: readonly ChaosProfile[]
  write: boolean
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      sequences: { type: 'string', default: '200' },
      bits: { type: 'string', default: '1000000' },
      profile: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  })
  const profiles = PROFILES.filter((each) => (values.profile ?? each) === each)
  if (profiles.length === 0) throw new RangeError("--profile: expected 'wide' or 'paper'")
  return {
    sequenceCount: readCount('--sequences', values.sequences, 10),
    bitCount: readCount('--bits', values.bits, 1_000_000),
    profiles,
    write: values.write,
  }
}

function readCount(option: string, text: string, least: number): number {
  const count = Number(text)
  if (Number.isSafeInteger(count) && count >= least && count <= 100_000_000) return count
  throw new RangeError(`${option}: expected a whole number from ${least} to 100000000, got ${text}`)
}

function test(source: Source, { sequenceCount, bitCount }: Settings): SourceResult {
  const passes = new Map<string, number>()
  const qValues = new Map<string, number[]>()
  for (let index = 0; index < sequenceCount; index++) {
    const bytes = source.sequence(index, Math.ceil(bitCount / 8))
    const bits = unpackBits(bytes).subarray(0, bitCount)
    for (const { rows, run } of BATTERY) {
      const result = run(bits)
      rows.forEach((row, value) => {
        const passed = (result.pValues[value] ?? 0) >= SIGNIFICANCE
        passes.set(row, (passes.get(row) ?? 0) + Number(passed))
        qValues.set(row, [...(qValues.get(row) ?? []), result.qValues[value] ?? 0])
      })
    }
    process.stderr.write(`\r${source.name}: ${index + 1} of ${sequenceCount} sequences`)
  }
  process.stderr.write('\n')
  const rows = [...passes].map(([row, count]) => ({
    row,
    passes: count,
    uniformity: uniformity(qValues.get(row) ?? []),
  }))
  return { source, rows }
}

async function main(): Promise<void> {
  const settings = readSettings()
  const { sequenceCount, bitCount, profiles } = settings
  const keystreams = profiles.map((profile) => test(keystreamSource(profile), settings))
  const results = [...keystreams, test(controlSource, settings)]
  process.stdout.write(`${formatTable(results, sequenceCount)}\n`)
  if (settings.write) {
    const machine =
      `${cpus()[0]?.model ?? 'unknown processor'}, one core, ` +
      `${platform()} ${arch()}, Node ${process.versions.node}`
    const command = `node crypto/scripts/statistics.ts ${process.argv.slice(2).join(' ')}`
    const report = formatReport({ sequenceCount, bitCount, command, machine, results })
    const style = await resolveConfig(fileURLToPath(REPORT_FILE))
    await writeFile(REPORT_FILE, await format(report, { ...style, parser: 'markdown' }))
  }
  if (keystreams.some(({ rows }) => failedRows(rows, sequenceCount).length > 0)) {
    process.exitCode = 1
  }
}

await main()
