import type { ChaosEngine } from './engine.ts'
import { javascriptEngine } from './javascript-engine.ts'
import { createWasmEngine } from './wasm-engine.ts'

let chosen: ChaosEngine | null = null

/**
 * The fastest engine that runs here, made on first use: WebAssembly, or else plain JavaScript. Both
 * give the same bytes.
 */
export function defaultChaosEngine(): ChaosEngine {
  chosen ??= createWasmEngine() ?? javascriptEngine
  return chosen
}
