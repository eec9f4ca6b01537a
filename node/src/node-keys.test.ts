import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { openNodeKeys } from './node-keys.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'

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
    expect(await readdir(home)).to.have.members(['ledger.key', 'lock', 'peer.key'])
  })

  it('are made once when two begin at the same time: the other one is told', async () => {
    const outcomes = await Promise.allSettled([openNodeKeys(home), openNodeKeys(home)])
    const made = outcomes.filter((outcome) => outcome.status === 'fulfilled')
    expect(made.length).to.be.at.least(1)
    const kept = await openNodeKeys(home)
    for (const { value } of made) expect(value).to.deep.equal(kept)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).to.have.property('code', 'HOME_LOCKED')
    }
  })

  it('are neither read nor made while another process has the home', async () => {
    const path = fileURLToPath(new URL('testkit/home-holder.ts', import.meta.url))
    const holder = fork(path)
    const ended = once(holder, 'exit')
    holder.send(home)
    await once(holder, 'message')
    expect((await failureOf(openNodeKeys(home))).code).to.equal('HOME_LOCKED')
    expect(await readdir(home)).to.deep.equal(['lock'])
    holder.kill('SIGKILL')
    await ended
    expect((await openNodeKeys(home)).ledgerKey).to.have.length(32)
  })

  it('are never replaced when their file is damaged', async () => {
    await openNodeKeys(home)
    const path = join(home, 'ledger.key')
    await writeFile(path, 'half a key')
    expect((await failureOf(openNodeKeys(home))).code).to.equal('CONFIG_INVALID')
    expect(await readFile(path, 'utf8')).to.equal('half a key')
  })
})
