import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { readNodes } from '@orlop/cli/devnet/ledger-report'
import { BreakingLink } from '@orlop/scripts/bench/network/breaking-link'
import { DetourLedgerReader } from '@orlop/scripts/bench/network/detour-ledger-reader'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { sharedNetwork } from './shared-network.ts'

const MB = 1_000_000
const FILE_MB = 100
const CUT_EVERY_MB = 12

describe('e2e: a link that keeps breaking', () => {
  let network: RealNetwork
  let link: BreakingLink

  before(async () => {
    network = await sharedNetwork()
    const nodes = await readNodes(network.network)
    const addresses = nodes.flatMap((node) => node.addresses)
    link = await BreakingLink.start({
      targetPorts: addresses.map((address) => Number(/(?<=\/tcp\/)\d+/.exec(address)?.[0])),
      cutEveryBytes: CUT_EVERY_MB * MB,
    })
  })
  after(() => link.stop())

  it('costs at most 5 % more bytes for 100 MB that are cut every 12 MB, and not one wrong byte', async () => {
    const file = join(await network.folder(), 'vdr.bin')
    const piece = sampleBytes(MB)
    const handle = await open(file, 'w')
    for (let at = 0; at < FILE_MB; at++) await handle.write(piece)
    await handle.close()

    const { rpcUrl, deployment } = network.network
    const ledger = new DetourLedgerReader({ rpcUrl, deployment, detours: link.detours })
    const { client } = await network.client({ ledger })
    const stored = await client.store({
      source: { path: file },
      // What is sent must be what was asked for: the same piece again and again would compress.
      overrides: { codec: 'stored', copies: 2 },
      // Another client finds it by the ledger.
      waitFor: 'recorded',
    })
    expect(link.cuts).to.be.at.least(Math.floor(FILE_MB / CUT_EVERY_MB))
    expect(stored.sealedBytes).to.be.greaterThan(FILE_MB * MB)
    expect(stored.wireBytes.sentBytes / stored.sealedBytes).to.be.within(1, 1.05)

    // Straight to the nodes: what was sent through the breaking link is what they have.
    const { client: reader } = await network.client()
    const { isSound } = await reader.verify({
      objectId: stored.objectId,
      ownerId: client.record!.clientId,
    })
    expect(isSound).to.equal(true)
  })
})
