import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { KMC_ERROR_CODES } from '@orlop/kmc/kmc-error'
import { ERROR_CODES } from '@orlop/protocol/error-codes'
import {
  fencedBlock,
  headingAnchors,
  markdownFiles,
  readText,
  relativeLinks,
  REPOSITORY,
  tableRows,
} from './markdown.ts'

const EXAMPLE = 'client-sdk/examples/store-and-fetch.ts'

describe('documentation', () => {
  it('documents every error code, with its exit code and whether it is worth trying again', async () => {
    const rows = tableRows(await readText('docs/errors.md'))
    const documented = rows
      .filter(([code = '']) => /^`[A-Z_]+`$/.test(code))
      .map(([code = '', exit, again]) => [code.slice(1, -1), exit, again])
    const expected = Object.entries(ERROR_CODES).map(([code, { usage, retry }]) => [
      code,
      usage ? '2' : '1',
      retry ? 'yes' : 'no',
    ])
    expect(documented).to.deep.equal(expected)
  })

  it('documents every error code of the key management centre', async () => {
    const text = await readText('docs/keys.md')
    const rows = tableRows(text.slice(text.indexOf('## Errors of the centre')))
    const documented = rows
      .filter(([code = '']) => /^`[A-Z_]+`$/.test(code))
      .map(([code = '', again]) => [code.slice(1, -1), again])
    const expected = Object.entries(KMC_ERROR_CODES).map(([code, { retry }]) => [
      code,
      retry ? 'yes' : 'no',
    ])
    expect(documented).to.deep.equal(expected)
  })

  it('links to files and headings that exist', async () => {
    const broken: string[] = []
    for (const file of await markdownFiles()) {
      for (const { target, anchor } of relativeLinks(file, await readText(file))) {
        const isThere = existsSync(join(REPOSITORY, target))
        const hasHeading =
          anchor === '' || (isThere && headingAnchors(await readText(target)).has(anchor))
        if (!isThere || !hasHeading) broken.push(`${file}: ${target}${anchor && '#'}${anchor}`)
      }
    }
    expect(broken).to.deep.equal([])
  })

  it('names test files that exist in the threat model', async () => {
    const text = await readText('docs/threat-model.md')
    const named = [...text.matchAll(/`([\w./-]+\.(?:test|conformance)\.ts|[\w./-]+\.t\.sol)`/g)]
    const paths = named.map(([, path = '']) => path)
    expect(paths).not.to.have.length(0)
    expect(paths.filter((path) => !existsSync(join(REPOSITORY, path)))).to.deep.equal([])
  })

  it('shows in the README the code that is type-checked and run', async () => {
    const example = await readText(EXAMPLE)
    const [firstLine = ''] = example.split('\n')
    const region = /^ *\/\/ README: begin\n(.*?)^ *\/\/ README: end$/ms.exec(example)?.[1] ?? ''
    const shown = `${firstLine}\n\n${region.replaceAll(/^ {2}/gm, '')}`
    expect(fencedBlock(await readText('README.md'), 'ts')).to.equal(shown)
  })

  it('notices a broken link', () => {
    const text = 'A [file](../b.md#part), `[code](x.md)`, [elsewhere](https://example.org).\n'
    expect(relativeLinks('docs/a.md', text)).to.deep.equal([{ target: 'b.md', anchor: 'part' }])
    expect(headingAnchors('## When is it final?\n')).to.deep.equal(new Set(['when-is-it-final']))
  })
})
