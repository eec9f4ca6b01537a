import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { DEVNET_NODES } from '@orlop/cli/devnet/layout'
import type { StoreResult } from '@orlop/client-sdk/index'
import type { OrlopClient } from '@orlop/client-sdk/client'
import { decodeHex } from '@orlop/crypto/bytes'
import { REQUEST_LEASE_MS } from '@orlop/protocol/limits'
import { formatObjectId } from '@orlop/protocol/ids'
import type { RealNetwork } from '../testkit/real-network.ts'
import { readAll, sampleBytes } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'
import { sharedNetwork } from './shared-network.ts'

const MIB = 1024 * 1024

describe('e2e: loss of machines', () => {
  let network: RealNetwork
  let client: OrlopClient

  before(async () => {
    network = await sharedNetwork()
    client = (await network.client({ settings: { registryMaxAgeMs: 0 } })).client
  })
  afterEach(() => network.heal())

  async function expectSame(reader: OrlopClient, objectId: string, bytes: Uint8Array) {
    const { stream } = await reader.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  }

  it('of any one node that holds an object loses nothing once it is stored', async () => {
    const bytes = sampleBytes(2 * MIB)
    const { objectId, strips } = await client.store({
      source: { bytes },
      name: 'x',
      overrides: { copies: 2 },
    })
    expect(strips).to.have.length(2)
    for (const { nodeName } of strips) {
      await network.kill(nodeName)
      await expectSame(client, objectId, bytes)
      await network.reviveNode(nodeName)
    }
    expect((await client.verify({ objectId })).isSound).to.equal(true)
  })

  it('of the ingress node in the middle of an upload stops it only until the node is back', async () => {
    const bytes = sampleBytes(24 * MIB)
    const killing = new KillingAt(network, 4 * MIB)
    const result = await client.store(
      { source: { bytes }, name: 'x', overrides: { codec: 'stored' } },
      {
        onProgress: (event) => {
          if (event.type === 'sent') killing.hear(event, { revive: true })
        },
      },
    )
    await killing.over
    expect(result.ingress.name).to.equal(killing.victim)
    // What was not yet on its disk was sent again, no more: far less than from the beginning.
    expect(result.wireBytes.sentBytes).to.be.lessThan(result.sealedBytes + 4 * MIB)
    await expectSame(client, result.objectId, bytes)
  })

  it('of the ingress node for good moves the upload to another one, after the lease', async () => {
    const clock = { aheadMs: 0, nowMs: () => Date.now(), monotonicMs: () => 0 }
    clock.monotonicMs = () => performance.now() + clock.aheadMs
    const settings = { registryMaxAgeMs: 0, ingressPatienceMs: 1_000 }
    const { client: patient } = await network.client({ clock, settings })
    const bytes = sampleBytes(24 * MIB)
    const killing = new KillingAt(network, 4 * MIB)
    const offeredTo: string[] = []
    let askedTooEarly = false
    const result = await patient.store(
      { source: { bytes }, name: 'x', overrides: { codec: 'stored' } },
      {
        onProgress: (event) => {
          if (event.type === 'sent') killing.hear(event, { revive: false })
          if (event.type === 'offered') {
            askedTooEarly ||= offeredTo.length > 0 && clock.aheadMs === 0
            offeredTo.push(event.node.name)
          }
          if (event.type === 'retrying' && event.attempt >= 4) clock.aheadMs += REQUEST_LEASE_MS
        },
      },
    )
    await killing.over
    expect(askedTooEarly).to.equal(false)
    expect(offeredTo[0]).to.equal(killing.victim)
    expect(result.ingress.name).not.to.equal(killing.victim)
    await expectSame(patient, result.objectId, bytes)
  })

  it('of the client in the middle of an upload costs no object and no bytes that are there', async () => {
    const bytes = sampleBytes(48 * MIB)
    const file = join(await network.folder(), 'radar.bin')
    await writeFile(file, bytes)
    const former = await Promise.all(DEVNET_NODES.map(({ name }) => stagedOf(network, name)))
    const known = new Set(former.flat().map(({ objectId }) => objectId))
    const put = network.cli.start('put', file, '--json')
    const { node, objectId } = await until('a quarter has arrived somewhere', async () => {
      for (const { name } of DEVNET_NODES) {
        const staged = await stagedOf(network, name)
        const found = staged.find((one) => !known.has(one.objectId) && one.bytes > 12 * MIB)
        if (found !== undefined) return { node: name, objectId: found.objectId }
      }
      return null
    })
    // The node stands still, so that the client seals to the end while most is still to be sent.
    process.kill(network.part(node).pid, 'SIGSTOP')
    try {
      const database = join(network.layout.clientHome, 'db')
      await until('the client has noted that it is sealed', () => mentions(database, 'plainSha256'))
      await put.kill('SIGKILL')
    } finally {
      process.kill(network.part(node).pid, 'SIGCONT')
    }
    const arrived = (await stagedOf(network, node)).find((one) => one.objectId === objectId)!.bytes
    expect(arrived).to.be.within(12 * MIB, 40 * MIB)
    const again = await network.cli.json<StoreResult>('put', file)
    expect(again.objectId).to.equal(objectId)
    // Both runs together: less than what was there when the first one was killed was sent again.
    expect(again.wireBytes.sentBytes).to.be.lessThan(again.sealedBytes + 9 * MIB)
    const copy = join(await network.folder(), 'copy.bin')
    await network.cli.json('get', objectId, '-o', copy)
    expect(Buffer.compare(await readFile(copy), bytes)).to.equal(0)
  })

  it('of the catalogue costs nothing: keys and ledger bring every entry back', async () => {
    interface Entry {
      objectId: string
      name: string
      labels: object
      plainBytes: number
    }
    const facts = (entries: Entry[]) =>
      entries.map(({ objectId, name, labels, plainBytes }) => ({
        objectId,
        name,
        labels,
        plainBytes,
      }))
    const file = join(await network.folder(), 'журнал ⚓.csv')
    await writeFile(file, 'time,rpm\n0,90\n')
    await network.cli.json('put', file, '--label', 'ship=one', '--wait-for', 'recorded')
    const before = facts(await network.cli.json<Entry[]>('ls'))
    for (const name of await readdir(network.layout.clientHome)) {
      if (name.startsWith('keyring')) continue
      await rm(join(network.layout.clientHome, name), { recursive: true })
    }
    const after = facts(await network.cli.json<Entry[]>('ls'))
    expect(after).to.have.deep.members(before)
    expect(after.map(({ name }) => name)).to.include('журнал ⚓.csv')
  })
})

/** Kills the ingress node once, when so many bytes are on its disk. */
class KillingAt {
  victim = ''
  over: Promise<void> = Promise.resolve()
  readonly #network: RealNetwork
  readonly #atBytes: number

  constructor(network: RealNetwork, atBytes: number) {
    this.#network = network
    this.#atBytes = atBytes
  }

  hear(
    sent: { readonly node: { readonly name: string }; readonly durableBytes: number },
    { revive }: { revive: boolean },
  ): void {
    if (this.victim !== '' || sent.durableBytes < this.#atBytes) return
    this.victim = sent.node.name
    this.over = this.#network.kill(this.victim)
    if (revive) this.over = this.over.then(() => this.#network.reviveNode(this.victim))
  }
}

/** What a node has of uploads that are not committed. */
async function stagedOf(network: RealNetwork, node: string) {
  const folder = join(network.layout.nodeHome(node), 'blobs', 'staging')
  const staged: { objectId: string; bytes: number }[] = []
  for (const name of await readdir(folder)) {
    const { size } = await stat(join(folder, name)).catch(() => ({ size: 0 }))
    staged.push({ objectId: formatObjectId(decodeHex(name.slice(0, 64))), bytes: size })
  }
  return staged
}

/** Whether a database that another process has open has written `text` to its log. */
async function mentions(database: string, text: string): Promise<boolean> {
  const names = (await readdir(database)).filter((name) => name.endsWith('.log'))
  const logs = await Promise.all(names.map((name) => readFile(join(database, name))))
  return logs.some((log) => log.includes(text))
}
