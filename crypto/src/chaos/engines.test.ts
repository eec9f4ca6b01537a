import { expect } from 'chai'
import fc from 'fast-check'

import { chaosEngineConformance } from './chaos.conformance.ts'
import { defaultChaosEngine } from './default-engine.ts'
import type { ChaosEngine, ChaosProfile } from './engine.ts'
import { javascriptEngine } from './javascript-engine.ts'
import { createWasmEngine, type WasmPlatform } from './wasm-engine.ts'

function wasmEngine(platform?: WasmPlatform): ChaosEngine {
  const engine = createWasmEngine(platform)
  expect(engine, 'WebAssembly with vectors, which every supported Node has').to.not.equal(null)
  return engine!
}

chaosEngineConformance('javascript', () => javascriptEngine)
chaosEngineConformance('wasm', () => wasmEngine())

describe('chaos engines', () => {
  it('agree on every byte', () => {
    const fast = wasmEngine()
    const request = fc.record({
      key: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      profile: fc.constantFrom<ChaosProfile>('wide', 'paper'),
      chunkNumber: fc.integer({ min: 0, max: 0xffffffff }),
      lengthBytes: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 70_000 })),
    })
    fc.assert(
      fc.property(request, ({ key, profile, chunkNumber, lengthBytes }) => {
        const data = Uint8Array.from({ length: lengthBytes }, (_, index) => index)
        const other = Uint8Array.from(data)
        fast.xorKeystream(key, profile, chunkNumber, data)
        javascriptEngine.xorKeystream(key, profile, chunkNumber, other)
        return Buffer.compare(data, other) === 0
      }),
      { numRuns: 60 },
    )
  })

  it('default to WebAssembly here, one engine for all', () => {
    expect(defaultChaosEngine().name).to.equal('wasm')
    expect(defaultChaosEngine()).to.equal(defaultChaosEngine())
  })

  it('are without WebAssembly where the platform has none, or has no vectors', () => {
    expect(createWasmEngine({})).to.equal(null)
    const { WebAssembly } = globalThis as WasmPlatform
    const withoutVectors = { ...WebAssembly!, validate: () => false }
    expect(createWasmEngine({ WebAssembly: withoutVectors })).to.equal(null)
  })

  it('are without WebAssembly where a page may not compile any', () => {
    const { WebAssembly } = globalThis as WasmPlatform
    class Forbidden {
      readonly refusal = refuse()
    }
    const { Instance } = WebAssembly!
    const engine = createWasmEngine({
      WebAssembly: { ...WebAssembly!, Instance, Module: Forbidden },
    })
    expect(engine).to.equal(null)
  })

  it('leave no seed, flow, map or data in WebAssembly memory', () => {
    const { memoryOf, platform } = spyOnMemory()
    const engine = wasmEngine(platform)
    const before = Uint8Array.from(memoryOf())
    const data = new Uint8Array(70_000).fill(7)
    engine.xorKeystream(new Uint8Array(32).fill(9), 'wide', 0, data)
    expect(Buffer.compare(memoryOf(), before)).to.equal(0)
  })
})

function refuse(): never {
  throw new Error('refused by the content security policy')
}

/** The real WebAssembly, whose instance's memory can be looked at. */
function spyOnMemory(): { memoryOf: () => Uint8Array; platform: WasmPlatform } {
  const { WebAssembly } = globalThis as WasmPlatform
  const { Module, Instance, validate } = WebAssembly!
  const memories: { buffer: ArrayBuffer }[] = []
  class SpiedInstance extends Instance {
    constructor(module: object) {
      super(module)
      memories.push((this.exports as { memory: { buffer: ArrayBuffer } }).memory)
    }
  }
  return {
    memoryOf: () => new Uint8Array(memories[0]!.buffer),
    platform: { WebAssembly: { Module, Instance: SpiedInstance, validate } },
  }
}
