import { isBuiltin } from 'node:module'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { build as runBuild, type Plugin } from 'esbuild'

const ENTRY = fileURLToPath(new URL('./index.ts', import.meta.url))
/** What carries libp2p's sockets, keys and hosts. Its stream multiplexer may be there: the relay's frames go through it. */
const LIBP2P = /node_modules\/(libp2p|@libp2p\/(?!yamux|utils|interface|logger))/

function bundle(plugin: Plugin) {
  return runBuild({
    entryPoints: [ENTRY],
    bundle: true,
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
    const outputs = Object.values(whole.metafile.outputs)
    const entry = outputs.find(
      ({ entryPoint }) => entryPoint?.endsWith('browser/index.ts') ?? false,
    )
    const inputs = Object.keys(entry?.inputs ?? {})
    expect(inputs.filter((file) => file.includes('wasm-zstd'))).to.deep.equal([])
    expect(inputs.filter((file) => file.includes('fzstd'))).to.have.length(1)
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
