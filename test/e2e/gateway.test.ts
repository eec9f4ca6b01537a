import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { StoreResult } from '@orlop/client-sdk/index'
import { EthersLedgerReader } from '@orlop/contracts/ethers-ledger-reader'
import type { ApiHistory } from '@orlop/protocol/api/history'
import type { ApiNodes } from '@orlop/protocol/api/nodes'
import type { ApiObjectDetail } from '@orlop/protocol/api/objects'
import type { ApiReceipts } from '@orlop/protocol/api/receipts'
import type { ApiDeployment, ApiHealth } from '@orlop/protocol/api/service'
import type { ApiTransaction, ApiTransactions } from '@orlop/protocol/api/transactions'
import { EventReader } from '../testkit/event-reader.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'
import { sharedNetwork } from './shared-network.ts'

/** A record is to be seen within 2 s of its block, and times of blocks are cut to whole seconds. */
const SEEN_WITHIN_MS = 2_000 + 1_000

describe('e2e: the gateway', () => {
  let network: RealNetwork

  before(async () => {
    network = await sharedNetwork()
  })

  async function ask<T>(path: string): Promise<T> {
    const response = await fetch(new URL(path, network.explorerUrl))
    expect(response.status, path).to.equal(200)
    return (await response.json()) as T
  }

  async function put(name: string): Promise<StoreResult> {
    const file = join(await network.folder(), name)
    await writeFile(file, sampleBytes(70_000))
    return network.cli.json('put', file, '--wait-for', 'recorded')
  }

  it('is told by status, and has caught up', async () => {
    const status = await network.cli.json<{ explorerUrl: string }>('devnet', 'status')
    expect(status.explorerUrl).to.equal(network.explorerUrl)
    await until('the index has caught up', async () => {
      const response = await fetch(new URL('/v1/health', network.explorerUrl))
      return ((await response.json()) as ApiHealth).status === 'ok'
    })
    const { items } = await ask<ApiNodes>('/v1/nodes')
    expect(items).to.have.length(8)
    expect(items.every(({ isCreditConfirmed }) => isCreditConfirmed)).to.equal(true)
  })

  it('tells live of a record that the command line made, within 2 s of its block', async () => {
    const events = await EventReader.open(network.explorerUrl)
    try {
      // Nobody else stores anything of that length meanwhile.
      const [stored, { data, receivedMs }] = await Promise.all([
        put('live.bin'),
        events.next('record', ({ streamBytes }) => streamBytes > 70_000),
      ])
      expect(data.objectId).to.equal(stored.objectId)
      expect(receivedMs - data.position.blockTimeMs).to.be.below(SEEN_WITHIN_MS)
      const detail = await until('both strips are there', async () => {
        // The two nodes record in batches, and so in blocks, of their own.
        const path = `/v1/objects/${data.clientId}/${data.objectId}`
        const found = await ask<ApiObjectDetail>(path)
        return found.strips.length === stored.strips.length && found
      })
      expect(detail.strips.map(({ state }) => state)).to.deep.equal(['live', 'live'])
    } finally {
      await events.close()
    }
  })

  it('tells the history of a real network: members, master, and every transaction with its kinds', async () => {
    const { objectId } = await put('in-history.bin')
    // Whichever registered first is node 1; the master is one of them.
    const master = (await ask<ApiNodes>('/v1/nodes')).items.find(({ isMaster }) => isMaster)
    const node = await ask<ApiHistory>(`/v1/nodes/${master?.nodeId ?? 0}/history`)
    const kinds = node.items.map(({ kind }) => kind)
    expect(kinds.at(-1)).to.equal('nodeRegistered')
    expect(kinds).to.include.members(['nodeStateChanged', 'masterChanged'])
    const ship = await ask<ApiHistory>('/v1/clients/1/history')
    expect(ship.items.map(({ kind }) => kind)).to.include.members([
      ...['clientRegistered', 'clientStateChanged'],
    ])
    const heartbeats = await ask<ApiTransactions>('/v1/transactions?kind=heartbeat')
    expect(heartbeats.items.length).to.be.at.least(8)
    const recording = await until('a transaction that recorded the object is listed', async () => {
      const { items } = await ask<ApiTransactions>('/v1/transactions?kind=recorded&limit=20')
      for (const { transactionHash } of items) {
        const one = await ask<ApiTransaction>(`/v1/transactions/${transactionHash}`)
        if (one.receipts.some((receipt) => receipt.objectId === objectId)) return one
      }
      return false
    })
    expect(recording.kinds).to.include('recorded')
  })

  it('lets a page read the contracts, and write nothing', async () => {
    const { rpcUrl, hasVault, ...deployment } = await ask<ApiDeployment>('/v1/deployment')
    expect(hasVault).to.be.a('boolean')
    expect(rpcUrl).to.equal(`${network.explorerUrl}v1/rpc`)
    const ledger = new EthersLedgerReader({ rpcUrl: rpcUrl ?? '', deployment })
    const { items } = await ask<ApiReceipts>('/v1/receipts?limit=1')
    const blockNumber = items[0]?.position.blockNumber ?? 0
    const found = await Array.fromAsync(
      ledger.receipts({ fromBlock: blockNumber, toBlock: blockNumber }),
    )
    expect(found.map(({ sequence }) => sequence)).to.include(items[0]?.sequence)
    const body = { jsonrpc: '2.0', id: 1, method: 'anvil_mine', params: [] }
    const response = await fetch(rpcUrl ?? '', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(await response.json()).to.have.nested.property('error.code', -32601)
  })

  it('killed and started again goes on where it was, and shows what was recorded meanwhile', async () => {
    const before = await ask<ApiReceipts>('/v1/receipts?limit=200')
    await network.kill('gateway')
    const { objectId } = await put('meanwhile.bin')
    await network.reviveGateway()
    const after = await until('the record is there', async () => {
      const found = await ask<ApiReceipts>('/v1/receipts?limit=200')
      return found.items.filter((item) => item.objectId === objectId).length === 2 && found
    })
    const kept = after.items.slice(-before.items.length)
    expect(kept.map(({ root }) => root)).to.deep.equal(before.items.map(({ root }) => root))
  })

  it('runs by its own command on the network of a home, and ends when told to', async () => {
    const running = network.cli.start('gateway', 'run', '--log-level', 'error')
    await running.says('"ready":true')
    const { exitCode, stdout, stderr } = await running.kill('SIGTERM')
    expect({ exitCode, stderr }).to.deep.equal({ exitCode: 0, stderr: '' })
    expect(JSON.parse(stdout)).to.include({ ready: true })
    const wrong = await network.cli.run('gateway', 'run', '--port', '70000')
    expect(wrong.exitCode).to.equal(2)
    expect(wrong.stderr).to.include('70000')
  })
})
