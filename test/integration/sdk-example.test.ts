import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createClient, FileKeyring, openLedger, type StoreResult } from '@orlop/client-sdk/index'
import { readDeployerKey } from '@orlop/contracts/embedded/deployer-key'
import { type EmbeddedLedger, startEmbeddedLedger } from '@orlop/contracts/embedded-ledger'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import { type RunningNodeProcess, runNode } from '@orlop/node/run-node'
import { silentLogger } from '@orlop/protocol/logger'

const EXAMPLE = new URL('../../client-sdk/examples/store-and-fetch.ts', import.meta.url)

interface Example {
  storeAndFetch: (options: {
    home: string
    network: Parameters<typeof openLedger>[0]
    file: string
    copy: string
    passphrase: string
  }) => Promise<StoreResult>
}

describe('sdk: the example of the README', () => {
  let folder: string
  let ledger: EmbeddedLedger
  const nodes: RunningNodeProcess[] = []

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-example-'))
    ledger = await startEmbeddedLedger({ homeFolder: join(folder, 'ledger'), port: 0 })
    const { rpcUrl, deployment } = ledger
    const privateKey = await readDeployerKey(join(folder, 'ledger'))
    const steward = new EthersChainClient({ rpcUrl, deployment, privateKey })
    for (const name of ['A01', 'A02']) nodes.push(await startNode(name))
    for (const { nodeId } of await steward.nodes()) await steward.admitNode(nodeId)
    const { home, passphrase } = clientOptions()
    const file = join(home, 'keyring.json')
    const cost = { logN: 10, r: 8, p: 1 }
    const { keyring } = await FileKeyring.create({ file, passphrase, cost })
    const reader = openLedger({ rpcUrl, deployment })
    const client = await createClient({ home, keyring, deployment, ledger: reader })
    const record = await client.register({ name: 'MV Example', imoNumber: 9_321_483 })
    await steward.admitClient(record.clientId, 0)
    await client.close()
  })

  after(async () => {
    for (const node of nodes) await node.stop()
    await ledger.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('stores a file and fetches it back, over real sockets and a real ledger', async () => {
    const file = join(folder, 'plan.txt')
    const copy = join(folder, 'copy.txt')
    await writeFile(file, 'Bergen to Rotterdam, 12 knots\n'.repeat(1000))
    const { storeAndFetch } = (await import(EXAMPLE.href)) as Example
    const { rpcUrl, deployment } = ledger
    const stored = await storeAndFetch({
      ...clientOptions(),
      network: { rpcUrl, deployment },
      file,
      copy,
    })
    expect(await readFile(copy)).to.deep.equal(await readFile(file))
    expect(stored.state).to.equal('recorded')
    expect(stored.strips.every(({ txHash }) => txHash?.startsWith('0x'))).to.equal(true)
    // Handshakes and receipts included, a few kilobytes are on the wire for a file of a few hundred sealed bytes.
    expect(stored.wireBytes.sentBytes).to.be.within(stored.sealedBytes, 100_000)
  })

  function clientOptions() {
    return { home: join(folder, 'client'), passphrase: 'only for this test' }
  }

  function startNode(name: string): Promise<RunningNodeProcess> {
    const { rpcUrl, deployment } = ledger
    const home = join(folder, name)
    return runNode({
      rpcUrl,
      deployment,
      logger: silentLogger,
      listen: ['/ip4/127.0.0.1/tcp/0'],
      metricsPort: 0,
      node: { home, name, tier: 'heavy', capacityBytes: 10_000_000, receiptMaxAgeMs: 50 },
    })
  }
})
