import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { protect } from '../scripts/integrity.ts'

const SCRIPT = '<script type="module" crossorigin src="./assets/index-1a.js"></script>'
const STYLE = '<link rel="stylesheet" crossorigin href="./assets/index-2b.css">'
const PRELOAD = '<link rel="modulepreload" href="./assets/part-3c.js" />'
const ICON = '<link rel="icon" href="./mark.svg" type="image/svg+xml" />'

describe('integrity of a built page', () => {
  let folder = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-integrity-'))
    await mkdir(join(folder, 'assets'))
    await write('assets/index-1a.js', 'export const a = 1\n')
    await write('assets/index-2b.css', 'body { color: teal }\n')
    await write('assets/part-3c.js', 'export const c = 3\n')
    await write('mark.svg', '<svg/>')
  })
  afterEach(() => rm(folder, { recursive: true }))

  const write = (path: string, text: string) => writeFile(join(folder, path), text)
  const read = (path: string) => readFile(join(folder, path), 'utf8')
  const sri = async (path: string) =>
    `integrity="sha384-${createHash('sha384')
      .update(await read(path))
      .digest('base64')}" crossorigin>`

  it('is named for every script and style that the page loads, once', async () => {
    await write('index.html', `<head>${ICON}${STYLE}${PRELOAD}</head>${SCRIPT}`)
    await protect(folder)
    const [script, style, preload] = await Promise.all(
      ['assets/index-1a.js', 'assets/index-2b.css', 'assets/part-3c.js'].map(sri),
    )
    expect(await read('index.html')).to.equal(
      `<head>${ICON}<link rel="stylesheet" href="./assets/index-2b.css" ${style}` +
        `<link rel="modulepreload" href="./assets/part-3c.js" ${preload}</head>` +
        `<script type="module" src="./assets/index-1a.js" ${script}</script>`,
    )
    const once = await read('index.html')
    await protect(folder)
    expect(await read('index.html')).to.equal(once)
  })

  it('has sums of every file, as sha256sum checks them, which one changed byte breaks', async () => {
    await write('index.html', SCRIPT)
    await protect(folder)
    const sums = await read('SHA256SUMS')
    expect(
      sums
        .trimEnd()
        .split('\n')
        .map((line) => line.slice(66)),
    ).to.deep.equal([
      ...['assets/index-1a.js', 'assets/index-2b.css', 'assets/part-3c.js'],
      ...['index.html', 'mark.svg'],
    ])
    const check = () =>
      spawnSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: folder, encoding: 'utf8' })
    expect(check()).to.include({ status: 0, stdout: '', stderr: '' })
    await write('assets/part-3c.js', 'export const c = 4\n')
    expect(check()).to.include({ status: 1, stdout: 'assets/part-3c.js: FAILED\n' })
  })

  const foreign: [string, string][] = [
    ['a script of its own text', '<script>alert(1)</script>'],
    ['a script from elsewhere', '<script src="https://cdn.example/x.js"></script>'],
    ['a style from elsewhere', '<link rel="stylesheet" href="//cdn.example/x.css">'],
    ['a file outside its folder', '<script src="./../x.js"></script>'],
    [
      'an address of the origin and not of its folder',
      '<script src="/assets/index-1a.js"></script>',
    ],
    ['a script inside an address', '<script src="data:text/javascript,0"></script>'],
  ]
  for (const [what, tag] of foreign) {
    it(`is refused to a page with ${what}`, async () => {
      await write('index.html', `${SCRIPT}${tag}`)
      const message = await protect(folder).then(
        () => 'protected',
        (error: unknown) => String(error),
      )
      expect(message).to.contain('no file beside it')
    })
  }
})
