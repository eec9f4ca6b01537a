import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { build } from 'vite'
import { emptyBut } from '../scripts/empty-but.ts'

describe('a folder that is built into', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-empty-but-'))
    await mkdir(join(folder, 'dist'))
    await writeFile(join(folder, 'dist', 'old.js'), 'old')
    await writeFile(join(folder, 'dist', 'config.json'), '{"gateway":"https://pinned.example"}')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const buildPage = async (html: string) => {
    await writeFile(join(folder, 'index.html'), html)
    await build({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      plugins: [emptyBut('config.json')],
    })
  }

  it('is emptied, but for what is not the build’s', async () => {
    await buildPage('<!doctype html><title>page</title>')
    expect(await readdir(join(folder, 'dist'))).to.have.members(['config.json', 'index.html'])
  })

  it('stays as it is when the build fails', async () => {
    const failing = buildPage('<script type="module" src="./missing.js"></script>')
    expect(await failing.catch(() => 'failed')).to.equal('failed')
    expect(await readdir(join(folder, 'dist'))).to.have.members(['config.json', 'old.js'])
  })
})
