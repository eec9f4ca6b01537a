import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'

const SCRIPTS = join(import.meta.dirname, '../scripts')
const run = promisify(execFile)

/** What the launcher runs before it serves pages; says on standard error what it does. */
async function ensureBuilt(pages: string): Promise<string> {
  const script = join(SCRIPTS, 'ensure-built.ts')
  const { stdout, stderr } = await run(process.execPath, [script, pages], {
    // As on a terminal: colours and hints would be seen.
    env: { ...process.env, FORCE_COLOR: '1', CI: '' },
  })
  return stdout + stderr
}

async function contentOf(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true })
  const files: [string, string][] = []
  for (const name of names.sort()) {
    const path = join(folder, name)
    if ((await stat(path)).isFile()) files.push([name, (await readFile(path)).toString('base64')])
  }
  return new Map(files)
}

describe('built pages', () => {
  let folder = ''
  let first = ''
  let said = ''

  before(async function () {
    this.timeout(240_000)
    folder = await mkdtemp(join(tmpdir(), 'orlop-built-'))
    first = join(folder, 'first')
    said = await ensureBuilt(first)
  })
  after(() => rm(folder, { recursive: true }))

  it('are made with one line of words, and not again while nothing has changed', async () => {
    expect(said).to.equal('orlop: building the pages of the explorer …\n')
    expect(await ensureBuilt(first)).to.equal('')
  })

  it('are the same bytes at every build: whoever builds the vault can check a hosted one', async () => {
    const second = join(folder, 'second')
    await ensureBuilt(second)
    const [one, other] = [await contentOf(first), await contentOf(second)]
    expect([...one.keys()]).to.include.members([
      'index.html',
      'vault/index.html',
      'vault/SHA256SUMS',
    ])
    expect([...other.keys()]).to.deep.equal([...one.keys()])
    for (const [name, content] of one) expect(other.get(name) === content, name).to.equal(true)
  })

  it('of the vault stay when only the explorer’s are built anew, without what was left of these', async () => {
    const third = join(folder, 'third')
    await cp(first, third, { recursive: true, preserveTimestamps: true })
    await rm(join(third, 'index.html'))
    await cp(join(first, 'mark.svg'), join(third, 'left-over.svg'))
    const vault = await contentOf(join(third, 'vault'))
    await ensureBuilt(third)
    expect(await contentOf(third)).to.deep.equal(await contentOf(first))
    expect(await contentOf(join(third, 'vault'))).to.deep.equal(vault)
  })

  it('of the vault name every script and style by its SHA-384, and keep all under a policy of their own', async () => {
    const html = await readFile(join(first, 'vault/index.html'), 'utf8')
    const tags =
      html.match(/<script[^>]*>|<link[^>]*rel="(?:stylesheet|modulepreload)"[^>]*>/g) ?? []
    expect(tags.length).to.be.at.least(2)
    for (const tag of tags) expect(tag).to.match(/ integrity="sha384-[\w+/]{64}" crossorigin>$/)
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(html)?.[1] ?? ''
    expect(policy.split('; ')).to.include.members([
      "default-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "img-src 'self' blob:",
      "script-src 'self' 'wasm-unsafe-eval'",
      "style-src 'self'",
      "worker-src 'self'",
    ])
  })

  it('of the vault load no script later, which integrity would not cover: only their workers do', async () => {
    const html = await readFile(join(first, 'vault/index.html'), 'utf8')
    const scripts = [...html.matchAll(/ src="\.\/(assets\/[^"]*)"/g)]
    expect(scripts).to.have.length(1)
    const text = await readFile(join(first, 'vault', scripts[0]![1]!), 'utf8')
    expect(text).to.match(/new Worker\(/)
    expect(text).not.to.match(/\bimport\(\s*["'`]/)
  })
})
