import { base64 } from '@scure/base'
import { wipe } from '../bytes.ts'
import { chaosWasmBase64 } from './chaos-wasm.generated.ts'
import { checkRequest } from './check-request.ts'
import { deriveChunkSeed } from './chunk-seed.ts'
import type { ChaosEngine } from './engine.ts'

/** What `crypto/assembly/index.ts` exports. */
interface ChaosModule {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly seedAddress: { readonly value: number }
  readonly windowAddress: { readonly value: number }
  readonly windowBytes: { readonly value: number }
  readonly start: () => void
  readonly xorWide: (bytes: number) => void
  readonly xorPaper: (bytes: number) => void
  readonly wipe: () => void
}

/** The part of the WebAssembly JavaScript interface used here; no library file for Node has it. */
export interface WasmPlatform {
  readonly WebAssembly?: {
    readonly validate: (binary: Uint8Array) => boolean
    readonly Module: new (binary: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: unknown }
  }
}

/**
 * Makes the fast engine: AssemblyScript compiled to WebAssembly with 128-bit vectors, several times
 * the speed of the reference and bit-identical to it. Its memory is fixed at 128 KiB; data passes
 * through a window in it. Seed, state and window are wiped after every call.
 *
 * @param platform - where WebAssembly is found
 * @returns null where WebAssembly or its vector instructions are missing, or a page's security policy forbids compiling.
 */
export function createWasmEngine(
  platform: WasmPlatform = globalThis as WasmPlatform,
): ChaosEngine | null {
  const module = instantiate(platform)
  if (module === null) return null
  const memory = new Uint8Array(module.memory.buffer)
  const seed = memory.subarray(module.seedAddress.value)
  const window = memory.subarray(module.windowAddress.value)
  const windowBytes = module.windowBytes.value
  const xorWindow = { wide: module.xorWide, paper: module.xorPaper }
  return {
    name: 'wasm',
    xorKeystream(chaosKey, profile, chunkNumber, data) {
      checkRequest(profile, data)
      const chunkSeed = deriveChunkSeed(chaosKey, chunkNumber)
      seed.set(chunkSeed)
      wipe(chunkSeed)
      module.start()
      for (let start = 0; start < data.length; start += windowBytes) {
        const part = data.subarray(start, start + windowBytes)
        window.set(part)
        xorWindow[profile](part.length)
        part.set(window.subarray(0, part.length))
      }
      module.wipe()
    },
  }
}

function instantiate({ WebAssembly }: WasmPlatform): ChaosModule | null {
  if (WebAssembly === undefined) return null
  const binary = base64.decode(chaosWasmBase64)
  if (!WebAssembly.validate(binary)) return null
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as ChaosModule
  } catch {
    // A page whose policy lacks 'wasm-unsafe-eval' (CSP Level 3, 6.1.10) refuses here; the reference gives the same bytes.
    return null
  }
}
