import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { openNodeKeys } from './node-keys.ts'
import { failureOf } from './testkit/failure-of.ts'

describe('a node’s keys', () => {
  let home: string

  beforeEach(async () => {
    home = join(await mkdtemp(join(tmpdir(), 'orlop-keys-')), 'node')
  })

  afterEach(async () => {
    await rm(home, { recursive: true, force: true })
  })

  it('are made once and read again', async () => {
    const made = await openNodeKeys(home)
    expect(made.ledgerKey).to.have.length(32)
    expect(made.peerSeed).to.have.length(32)
    expect(await openNodeKeys(home)).to.deep.equal(made)
  })

  it('can be read by nobody but their owner', async () => {
    await openNodeKeys(home)
    for (const name of ['ledger.key', 'peer.key']) {
      expect((await stat(join(home, name))).mode & 0o777).to.equal(0o600)
    }
  })

  it('are made anew when a crash cut their writing short', async () => {
    await mkdir(home)
    await writeFile(join(home, 'ledger.key.new'), 'half a k', { mode: 0o600 })
    const made = await openNodeKeys(home)
    expect(await openNodeKeys(home)).to.deep.equal(made)
    expect(await readdir(home)).to.have.members(['ledger.key', 'peer.key'])
  })

  it('are never replaced when their file is damaged', async () => {
    await openNodeKeys(home)
    const path = join(home, 'ledger.key')
    await writeFile(path, 'half a key')
    expect((await failureOf(openNodeKeys(home))).code).to.equal('CONFIG_INVALID')
    expect(await readFile(path, 'utf8')).to.equal('half a key')
  })
})
