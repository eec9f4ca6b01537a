import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Level } from 'level'
import { codeOf, keyOf } from './blob-store.conformance.ts'
import { KEY_SPACE } from './key-space.ts'
import { LevelIndex } from './level-index.ts'

describe('node index', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-index-'))
    path = join(folder, 'index')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('lists numbers in their order, and only its own table', async () => {
    const index = await LevelIndex.open(path)
    const numbers = [10, 9, 2 ** 53 - 1, 0, 100]
    await index.write([
      ...numbers.map((number) => index.put(KEY_SPACE.freeSequences, number, number)),
      index.put(KEY_SPACE.counters, 'next-sequence', 7),
    ])
    const expected = [0, 9, 10, 100, 2 ** 53 - 1]
    expect(await index.list(KEY_SPACE.freeSequences)).to.deep.equal(expected)
    expect(await index.first(KEY_SPACE.freeSequences)).to.equal(0)
    expect(await index.get(KEY_SPACE.freeSequences, 11)).to.equal(null)
    await index.close()
  })

  it('makes all changes or none', async () => {
    const index = await LevelIndex.open(path)
    await index.write([index.put(KEY_SPACE.freeSequences, 1, 1)])
    const write = () =>
      index.write([
        index.drop(KEY_SPACE.freeSequences, 1),
        index.put(KEY_SPACE.freeSequences, 2, -1),
      ])
    expect(write).to.throw()
    expect(await index.list(KEY_SPACE.freeSequences)).to.deep.equal([1])
    await index.close()
  })

  it('says HOME_LOCKED while somebody else has it open', async () => {
    const first = await LevelIndex.open(path)
    expect(await codeOf(LevelIndex.open(path))).to.equal('HOME_LOCKED')
    await first.close()
    await (await LevelIndex.open(path)).close()
  })

  it('says HOME_DAMAGED for a value that is not of its schema, with its key', async () => {
    const index = await LevelIndex.open(path)
    await index.close()
    const level = new Level<string, Uint8Array>(path, { valueEncoding: 'view' })
    const key = KEY_SPACE.envelopes.prefix + KEY_SPACE.envelopes.formatKey(keyOf(1))
    await level.put(key, Uint8Array.of(0xff, 0x00))
    await level.close()
    const again = await LevelIndex.open(path)
    expect(await codeOf(again.get(KEY_SPACE.envelopes, keyOf(1)))).to.equal('HOME_DAMAGED')
    await again.close()
  })

  for (const [what, damage] of [
    ['an empty CURRENT', (file: string) => truncate(join(file, 'CURRENT'), 0)],
    ['a CURRENT that names nothing', (file: string) => writeFile(join(file, 'CURRENT'), 'x\n')],
    ['a missing manifest', async (file: string) => rm(join(file, await manifestOf(file)))],
    ['a cut manifest', async (file: string) => truncate(join(file, await manifestOf(file)), 10)],
  ] as const) {
    it(`says HOME_DAMAGED for ${what}, and brings its values back by repair`, async () => {
      const index = await LevelIndex.open(path)
      await index.write([index.put(KEY_SPACE.freeSequences, 5, 5)])
      await index.close()
      await damage(path)
      expect(await codeOf(LevelIndex.open(path))).to.equal('HOME_DAMAGED')
      await LevelIndex.repair(path)
      const repaired = await LevelIndex.open(path)
      expect(await repaired.list(KEY_SPACE.freeSequences)).to.deep.equal([5])
      await repaired.close()
    })
  }
})

async function manifestOf(path: string): Promise<string> {
  return (await readdir(path)).find((name) => name.startsWith('MANIFEST')) ?? ''
}
