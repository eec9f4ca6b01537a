import { createHash } from 'node:crypto'
import type { ChaosEngine, ChaosProfile } from '@orlop/crypto/chaos/engine'
import { javascriptEngine } from '@orlop/crypto/chaos/javascript-engine'
import { createWasmEngine } from '@orlop/crypto/chaos/wasm-engine'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import { ratios, summarize } from './statistics.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
const PROFILES: readonly ChaosProfile[] = ['wide', 'paper']
const RUNS = 7
/** Enough for a tenth of a second at least. */
const CHUNKS = { wasm: 64, javascript: 8 }
const KEY = createHash('sha256').update('orlop bench keystream').digest()

/** The chaotic layer alone, on one core: key derivation for the chunk, keystream and XOR into the chunk. */
export const keystreamBench: Bench = {
  name: 'keystream',
  measures:
    'speed of the chaotic layer by profile and engine, in chunks of 4 MiB, by processor time of one core',
  isDefault: true,
  limitMs: 120_000,
  run: (context) => Promise.resolve(measure(context)),
}

function measure(context: BenchContext): BenchRow[] {
  const wasm = createWasmEngine()
  if (wasm === null) context.skip('wasm', 'this machine has no WebAssembly with vectors')
  const rows: BenchRow[] = []
  for (const profile of PROFILES) {
    context.progress(profile)
    const speeds = { wasm: [] as number[], javascript: [] as number[] }
    const engines = [...(wasm === null ? [] : [wasm]), javascriptEngine]
    for (const engine of engines) megabytesPerSecond(engine, profile, 2)
    for (let run = 0; run < (context.isQuick ? 1 : RUNS); run++) {
      context.signal.throwIfAborted()
      for (const engine of engines) {
        const chunks = context.isQuick ? 2 : CHUNKS[engine.name]
        speeds[engine.name].push(megabytesPerSecond(engine, profile, chunks))
      }
    }
    rows.push(...rowsOf(profile, speeds))
  }
  return rows
}

function rowsOf(
  profile: ChaosProfile,
  { wasm, javascript }: { wasm: readonly number[]; javascript: readonly number[] },
): BenchRow[] {
  const unit = 'MB/s'
  const own = summarize({ metric: `${profile}, javascript`, unit, values: javascript })
  if (wasm.length === 0) return [own]
  // The promise is of the profile that is used unless another is asked for.
  const bar = profile === 'wide' ? { bar: { atLeast: 1000 } } : {}
  return [
    summarize({
      metric: `${profile}, wasm ÷ javascript`,
      unit: '×',
      values: ratios(wasm, javascript),
    }),
    summarize({ metric: `${profile}, wasm`, unit, values: wasm, ...bar }),
    own,
  ]
}

/** By processor time, so that other programs on the machine make little difference. */
function megabytesPerSecond(engine: ChaosEngine, profile: ChaosProfile, chunks: number): number {
  const chunk = new Uint8Array(CHUNK_BYTES)
  const before = process.cpuUsage()
  for (let number = 0; number < chunks; number++) {
    engine.xorKeystream(KEY, profile, number, chunk)
  }
  const { user, system } = process.cpuUsage(before)
  return (chunks * CHUNK_BYTES) / (user + system)
}
