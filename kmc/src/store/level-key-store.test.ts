import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { randomBytes } from '@orlop/crypto/bytes'
import { keyStoreConformance } from './key-store.conformance.ts'
import { LevelKeyStore } from './level-key-store.ts'

const CHILD = fileURLToPath(new URL('../testkit/store-child.ts', import.meta.url))
const ROUNDS = 8

describe('the store in a folder', () => {
  const folders: string[] = []
  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orlop-kmc-'))
    folders.push(folder)
    return folder
  }
  after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))))

  keyStoreConformance('Level', async () => {
    const folder = await newFolder()
    return { store: await LevelKeyStore.open(folder), reopen: () => LevelKeyStore.open(folder) }
  })

  it('is for one process at a time', async () => {
    const folder = await newFolder()
    const store = await LevelKeyStore.open(folder)
    const error: unknown = await LevelKeyStore.open(folder).catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'STORE_LOCKED', isRetryable: true })
    await store.close()
  })

  it('has no byte of a deleted or replaced value on disk once history is forgotten', async () => {
    const folder = await newFolder()
    const store = await LevelKeyStore.open(folder)
    const [gone, replaced] = [randomBytes(64), randomBytes(64)]
    const puts = { gone, replaced, kept: gone.toReversed() }
    for (const [key, value] of Object.entries(puts)) {
      await store.transact({ conditions: [], changes: [{ type: 'put', key, value }] })
    }
    expect(await isOnDisk(folder, gone)).to.equal(true)
    await store.transact({
      conditions: [],
      changes: [
        { type: 'delete', key: 'gone' },
        { type: 'put', key: 'replaced', value: new Uint8Array(64) },
      ],
    })
    await store.forgetHistory()
    expect(await isOnDisk(folder, gone), 'deleted').to.equal(false)
    expect(await isOnDisk(folder, replaced), 'replaced').to.equal(false)
    expect(await isOnDisk(folder, puts.kept), 'kept').to.equal(true)
    await store.close()
  })

  it(`loses no acknowledged transaction, and tears none, when killed ${ROUNDS} times`, async () => {
    const folder = await newFolder()
    let acknowledged = 0
    for (let round = 0; round < ROUNDS; round++) {
      acknowledged = await killedAfter(3 + 7 * round, folder)
      const store = await LevelKeyStore.open(folder)
      const [left, right] = await store.getMany(['left', 'right'])
      expect(left?.value).to.deep.equal(right?.value)
      expect(Number(new TextDecoder().decode(left?.value))).to.be.at.least(acknowledged)
      await store.close()
    }
  })
})

async function isOnDisk(folder: string, value: Uint8Array): Promise<boolean> {
  const files = await readdir(folder)
  const contents = await Promise.all(files.map((file) => readFile(join(folder, file))))
  return contents.some((content) => content.includes(Buffer.from(value)))
}

/** Kills a child without warning when it has acknowledged so many. @returns the last number it acknowledged */
async function killedAfter(lines: number, folder: string): Promise<number> {
  const child = fork(CHILD, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const gone = once(child, 'close')
  child.send({ folder })
  if (child.stdout === null) throw new Error('the child has no output')
  let [said, last] = [0, 0]
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line)
    said += 1
    if (said === lines) child.kill('SIGKILL')
  }
  expect(((await gone) as unknown[])[1]).to.equal('SIGKILL')
  return last
}
