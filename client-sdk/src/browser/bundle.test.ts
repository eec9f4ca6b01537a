import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { build as runBuild, type Plugin } from 'esbuild'

const ENTRY = fileURLToPath(new URL('./index.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('./page-worker.ts', import.meta.url))
/** Minified, before the compression of the wire. */
const MAX_PAGE_BYTES = 800_000
const MAX_WORKER_BYTES = 120_000
/** What carries libp2p's sockets, keys and hosts. Its stream multiplexer may be there: the relay's frames go through it. */
const LIBP2P = /node_modules\/(libp2p|@libp2p\/(?!yamux|utils|interface|logger))/

function bundle(plugin: Plugin, entry = ENTRY) {
  return runBuild({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    conditions: ['source'],
    splitting: true,
    outdir: 'unused',
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [plugin],
  })
}

function entryOf({ metafile }: Awaited<ReturnType<typeof bundle>>) {
  return Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined)!
}

describe('sdk for browsers: its bundle', () => {
  let whole: Awaited<ReturnType<typeof bundle>>
  const builtins: string[] = []

  before(async () => {
    whole = await bundle({
      name: 'note modules of Node',
      setup(build) {
        build.onResolve({ filter: /.*/ }, ({ path, importer }) => {
          if (isBuiltin(path)) builtins.push(`${importer} imports ${path}`)
          return null
        })
      },
    })
  })

  it('has no module of Node, and is made without a warning', () => {
    expect(builtins).to.deep.equal([])
    expect(whole.warnings).to.deep.equal([])
  })

  it('has no libp2p, no LevelDB and no stand-in for Node’s modules', () => {
    const files = Object.keys(whole.metafile.inputs)
    expect(files.filter((file) => LIBP2P.test(file))).to.deep.equal([])
    const others = /node_modules\/(level|classic-level|browser-level|buffer|process|events|util)\//
    expect(files.filter((file) => others.test(file))).to.deep.equal([])
  })

  it('loads the compressor on its own, when something is stored', () => {
    const inputs = Object.keys(entryOf(whole).inputs)
    expect(inputs.filter((file) => file.includes('wasm-zstd'))).to.deep.equal([])
    expect(inputs.filter((file) => file.includes('fzstd'))).to.have.length(1)
  })

  it('stays small: one copy of what checks values, and only what is used of it', () => {
    const { bytes, inputs } = entryOf(whole)
    expect(bytes).to.be.below(MAX_PAGE_BYTES)
    const used = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    const zod = used.map(([file]) => /^.*node_modules\/zod(?=\/)/.exec(file)?.[0])
    expect(new Set(zod.filter((folder) => folder !== undefined)).size).to.equal(1)
  })

  it('has a worker of the ciphers, hashes and codecs alone', async () => {
    const { bytes, inputs } = entryOf(
      await bundle({ name: 'none', setup: () => undefined }, WORKER),
    )
    expect(bytes).to.be.below(MAX_WORKER_BYTES)
    const others = /node_modules\/(zod|ethers|idb|file-type|@libp2p)\//
    expect(Object.keys(inputs).filter((file) => others.test(file))).to.deep.equal([])
  })

  it('names, in code of ours, nothing that only Node has', async () => {
    const own = await bundle({
      name: 'leave packages of others out',
      setup(build) {
        build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
          kind === 'entry-point' || path.startsWith('@orlop/') ? null : { path, external: true },
        )
      },
    })
    const text = own.outputFiles.map((file) => file.text).join('\n')
    expect(text).to.contain('createBrowserClient')
    expect(text.match(/\b(Buffer\.|process\.[a-z]|__dirname|setImmediate\().*/g)).to.equal(null)
  })
})
