import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PNG } from 'pngjs'
import { openLedger, type StoreResult } from '@orlop/client-sdk/index'
import { SAMPLE_VOYAGE } from '@orlop/cli/devnet/layout'
import { Cli } from '../testkit/cli.ts'
import { newClient, toNetwork } from '../testkit/new-client.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'
import { sharedNetwork } from './shared-network.ts'

const MIB = 1024 * 1024
const CHUNK_BYTES = 4 * MIB
const TEXT = 'WP001 NYBORG 55.3 N 10.8 E '

/** Names that a file system takes and a careless program spoils. */
const FILES: readonly { what: string; name: string; bytes: () => Uint8Array }[] = [
  { what: 'nothing', name: '.hidden', bytes: () => new Uint8Array(0) },
  { what: 'one byte', name: 'A\u030Angstr\u00F6m \u212B.csv', bytes: () => sampleBytes(1) },
  {
    what: 'a chunk less one byte, noise',
    name: '⚓ 🚢🇫🇮 noise.bin',
    bytes: () => sampleBytes(CHUNK_BYTES - 1),
  },
  {
    what: 'a chunk, text',
    name: 'יומן סירה سفينة.log',
    bytes: () => Buffer.alloc(CHUNK_BYTES, TEXT),
  },
  {
    what: 'a chunk and one byte, noise',
    name: '船'.repeat(85),
    bytes: () => sampleBytes(CHUNK_BYTES + 1),
  },
]

interface Entry {
  objectId: string
  name: string
  class: string
  state: string
  expiry: string
  labels: Record<string, string>
}

describe('e2e: put and get', () => {
  let network: RealNetwork
  let folder: string
  let cli: Cli
  const stored = new Map<string, StoreResult>()
  const idOf = (name: string) => stored.get(name)!.objectId
  const NOISE = FILES[2]!.name

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    cli = new Cli(network.home, { cwd: folder })
  })

  it('puts several files with one command and says of each what became of it', async () => {
    for (const { name, bytes } of FILES) await writeFile(join(folder, name), bytes())
    const names = FILES.map(({ name }) => name)
    const results = await cli.json<StoreResult[]>('put', ...names, '--label', 'voyage=2203-E')
    expect(results.map(({ name }) => name)).to.deep.equal(names)
    for (const result of results) {
      stored.set(result.name, result)
      expect(result.state).to.equal('stored')
      expect(result.strips.length).to.be.at.least(2)
      for (const { ack, commit, root } of result.strips) {
        expect(root).to.match(/^[0-9a-f]{64}$/)
        // What is printed can be read: bytes as hexadecimal, not as a table of numbers.
        expect(commit?.signature).to.match(/^[0-9a-f]{128}$/)
        expect(ack?.signature).to.match(/^[0-9a-f]{128}$/)
      }
    }
  })

  for (const { what, name, bytes } of FILES) {
    it(`gets ${what} back under its own name: the same bytes`, async () => {
      const away = await network.folder()
      const got = await new Cli(network.home, { cwd: away }).json<{ file: string; name: string }>(
        ...['get', idOf(name)],
      )
      expect(got.file).to.equal(join(away, name))
      expect(await readdir(away)).to.deep.equal([name])
      expect(Buffer.compare(await readFile(got.file), bytes())).to.equal(0)
    })
  }

  it('writes into no folder that a name from outside asks for', async () => {
    const { objectId } = await cli.json<StoreResult>(
      'put',
      '.hidden',
      '--name',
      '../../up/plan.txt',
    )
    const away = await network.folder()
    const got = await new Cli(network.home, { cwd: away }).json<{ file: string }>('get', objectId)
    expect(got.file).to.equal(join(away, 'plan.txt'))
    expect(await readdir(away)).to.deep.equal(['plan.txt'])
  })

  it('gets a range, to standard output and to a file', async () => {
    const whole = FILES[4]!.bytes()
    const { name } = FILES[4]!
    const range = ['--range', `${CHUNK_BYTES - 2}-${CHUNK_BYTES}`]
    const wanted = whole.subarray(CHUNK_BYTES - 2, CHUNK_BYTES + 1)
    await cli.json('get', idOf(name), ...range, '-o', 'part.bin')
    expect(new Uint8Array(await readFile(join(folder, 'part.bin')))).to.deep.equal(wanted)
    const text = FILES[3]!
    const { stdout, exitCode } = await cli.run(
      ...['get', idOf(text.name), '--range', '27-52', '-o', '-'],
    )
    expect({ stdout, exitCode }).to.deep.equal({ stdout: TEXT.slice(0, 26), exitCode: 0 })
  })

  it('never writes over a file unless told to', async () => {
    const { exitCode, stderr } = await cli.run('get', idOf('.hidden'), '-o', 'part.bin')
    expect(exitCode).to.equal(1)
    expect(stderr).to.include('part.bin').and.include('--overwrite')
    await cli.json('get', idOf('.hidden'), '-o', 'part.bin', '--overwrite')
    expect(await readFile(join(folder, 'part.bin'))).to.have.length(0)
  })

  it('lists and finds objects by their decrypted names and labels', async () => {
    const listed = await cli.json<Entry[]>('ls')
    expect(listed.map(({ name }) => name)).to.include.members(FILES.map(({ name }) => name))
    const found = await cli.json<Entry[]>('find', '--name', '🚢', '--label', 'voyage=2203-E')
    expect(found.map(({ name }) => name)).to.deep.equal([NOISE])
    expect(await cli.json('find', '--label', 'voyage=other')).to.deep.equal([])
  })

  it('verifies every copy against the ledger and says what each node says', async () => {
    const objectId = idOf(NOISE)
    interface Strips {
      isSound: boolean
      isOpened: boolean
      strips: { result: string; nodeState: string; txHash: string | null }[]
    }
    await until('the receipts are on the ledger', async () => {
      const { strips } = await cli.json<Strips>('status', objectId)
      return strips.every(({ txHash }) => txHash !== null)
    })
    const found = await cli.json<Strips>('verify', objectId)
    expect(found).to.include({ isSound: true, isOpened: true })
    expect(found.strips.map(({ result }) => result)).to.deep.equal(['sound', 'sound'])
    expect(found.strips.every(({ txHash }) => /^0x[0-9a-f]{64}$/.test(txHash ?? ''))).to.equal(true)
  })

  it('rates by itself what it measured: the ledger has the credit, and takes no second rating', async () => {
    // The ledger counts a few ratings of one client for one node a day: this client has given none.
    const rater = await newClient(network, 'MV Rater')
    const { strips, objectId } = await rater.json<StoreResult>('put', join(folder, NOISE))
    const [{ nodeId, nodeName, sequence }] = strips as [(typeof strips)[number]]
    const { rpcUrl, deployment } = network.network
    const ledger = openLedger({ rpcUrl, deployment })
    const credit = await until('the rating is on the ledger', async () => {
      // Every command hands on what waits.
      await rater.json('ls')
      for await (const event of ledger.creditEvents({ nodeId })) {
        if (event.sequence === sequence) return event
      }
      return null
    })
    expect(credit.afterMillionths).to.be.greaterThan(credit.beforeMillionths)
    const { exitCode, stdout } = await rater.run(
      ...['rate', objectId, '--node', nodeName, '--score', '1', '--cause', 'slow', '--json'],
    )
    expect(exitCode).to.equal(1)
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'ALREADY_EXISTS')
  })

  it('lists eight nodes: seven heavy, one light, one master', async () => {
    const nodes = await cli.json<{ name: string; tier: string; isMaster: boolean }[]>('nodes')
    expect(nodes.map(({ name }) => name).join()).to.equal('A01,A02,A03,A04,A05,A06,A07,A08')
    expect(nodes.filter(({ tier }) => tier === 'light').map(({ name }) => name)).to.eql(['A08'])
    expect(nodes.filter(({ isMaster }) => isMaster).map(({ name }) => name)).to.eql(['A01'])
  })

  it('shares with another client on the same network, and takes that back', async () => {
    const objectId = idOf(NOISE)
    const friend = await newClient(network, 'MV Friend')
    const { clientId } = await friend.json<{ clientId: number }>('whoami')
    const [{ ownerId }] = await cli.json<[{ ownerId: number }]>('ls')
    const owner = ['--owner', String(ownerId)]
    const copy = join(friend.home, 'copy.bin')
    const get = () => friend.run('get', objectId, ...owner, '-o', copy, '--overwrite', '--json')
    const codeOf = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { error: { code: string } }).error.code

    expect(codeOf(await get())).to.equal('WRONG_KEY')
    const own = await cli.json<{ openingKey: string }>('whoami')
    const { openingKey } = await friend.json<{ openingKey: string }>('whoami')
    const as = (key: string) => ['share', objectId, '--with', `${clientId}=${key}`]
    const pinnedWrongly = await cli.run(...as(own.openingKey), '--json')
    expect(codeOf(pinnedWrongly)).to.equal('RECIPIENT_KEY_CHANGED')
    const { openingKey: used } = await cli.json<{ openingKey: string }>(...as(openingKey))
    expect(used).to.equal(openingKey)
    expect((await get()).exitCode).to.equal(0)
    expect(Buffer.compare(await readFile(copy), FILES[2]!.bytes())).to.equal(0)
    await cli.json('revoke', objectId, '--from', String(clientId))
    expect(codeOf(await get())).to.equal('WRONG_KEY')
    await cli.json('rewrap', objectId, '--share-with', String(clientId))
    expect((await get()).exitCode).to.equal(0)
    await cli.json('rewrap', objectId)
    expect(codeOf(await get())).to.equal('WRONG_KEY')
  })

  it('replaces keys with the recovery key, at home and on a new computer', async () => {
    const env = { ORLOP_PASSPHRASE: 'of the replaced' }
    const lost = new Cli(await network.folder(), { env })
    const { clientId, recoveryFile } = await lost.json<{ clientId: number; recoveryFile: string }>(
      ...['init', '--name', 'MV Replaced', ...toNetwork(network)],
    )
    const file = join(lost.home, 'log.txt')
    await writeFile(file, TEXT)
    await until('the steward has admitted it', async () => {
      return (await lost.json<{ state: string }>('whoami')).state === 'admitted'
    })
    await lost.json('put', file, '--wait-for', 'recorded')
    const rotate = ['rotate', '--recovery-file', recoveryFile]
    const first = await lost.json<{ clientId: number; signer: string }>(...rotate)
    expect(first.clientId).to.equal(clientId)
    expect(await lost.json('recover')).to.deep.include({ objects: 1, recovered: 1 })

    const computer = new Cli(await network.folder(), { env })
    const takeOver = [...rotate, '--client-id', String(clientId), ...toNetwork(network)]
    const second = await computer.json<{ clientId: number; signer: string }>(...takeOver)
    expect(second.clientId).to.equal(clientId)
    expect(second.signer).to.not.equal(first.signer)
    const recovering = await computer.run('recover', '--json')
    expect(recovering.exitCode).to.equal(1)
    const { error } = JSON.parse(recovering.stdout) as { error: object }
    expect(error).to.deep.include({ code: 'WRONG_KEY', details: { objects: 1, recovered: 0 } })
    await computer.json('put', file)
    expect((await lost.run('put', file)).exitCode).to.equal(1)
  })

  it('shows an intruder noise: garbled text, and an image that is one', async () => {
    const photo = `${SAMPLE_VOYAGE}/quay-photo.jpg`
    const { objectId } = await cli.json<StoreResult>('put', photo)
    const seen = await cli.json<{ file: string }>('intrude', objectId, '-o', 'intruder')
    expect(seen.file).to.match(/quay-photo\.jpg\.scrambled\.png$/)
    const { width, height } = PNG.sync.read(await readFile(seen.file))
    expect(width * height).to.be.greaterThan(10_000)
    const text = await cli.json<{ file: string }>('intrude', idOf(FILES[3]!.name), '-o', 'intruder')
    const garbled = await readFile(text.file, 'utf8')
    expect(garbled.length).to.be.greaterThan(100)
    for (const word of TEXT.split(' ').filter(({ length }) => length > 3)) {
      expect(garbled).not.to.include(word)
    }
  })

  it('keeps an object longer, then gives it up for good', async () => {
    const objectId = idOf('.hidden')
    await cli.json('extend', objectId, '--until', '2040-01-01')
    const entry = (await cli.json<Entry[]>('ls')).find((one) => one.objectId === objectId)
    expect(entry?.expiry).to.equal('2040-01-01T00:00:00.000Z')
    await cli.json('rm', objectId)
    const { stdout, exitCode } = await cli.run('get', objectId, '-o', 'gone', '--json')
    expect(exitCode).to.equal(1)
    expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'OBJECT_REMOVED')
    expect(await readdir(folder)).not.to.include('gone')
    const left = (await cli.json<Entry[]>('ls')).map((one) => one.objectId)
    expect(left).not.to.include(objectId)
  })
})
