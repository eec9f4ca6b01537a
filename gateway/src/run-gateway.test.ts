import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'chai'
import type { ApiHealth } from '@orlop/protocol/api/service'
import type { Logger } from '@orlop/protocol/logger'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { runGateway, type RunGatewayOptions } from './run-gateway.ts'

const DEPLOYMENT = {
  chainId: 4205,
  registry: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  receipts: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
  credit: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0',
  fromBlock: 0,
}

const LOOK_AGAIN_MS = 100

describe('runGateway', () => {
  let home: string
  const lines: string[] = []
  const note = (fields: object, message: string) =>
    lines.push(`${message} ${JSON.stringify(fields)}`)
  const logger: Logger = { debug: note, info: note, warn: note, error: note, child: () => logger }

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'orlop-gateway-'))
    lines.length = 0
  })
  afterEach(() => rm(home, { recursive: true }))

  function options(changes: Partial<RunGatewayOptions> = {}): RunGatewayOptions {
    return {
      home: join(home, 'gateway'),
      // Nobody listens at port 1.
      rpcUrl: 'http://operator:hunter2@127.0.0.1:1/secret-path',
      publicRpcUrl: null,
      forwardsRpc: true,
      deployment: DEPLOYMENT,
      host: '127.0.0.1',
      port: 0,
      tlsIdentityFile: null,
      pagesFolder: '/nonexistent',
      allowedOrigins: [],
      requestsPerMinute: 1000,
      trustedProxies: 0,
      logger,
      ...changes,
    }
  }

  it('serves while the ledger is away, says so, and tells nobody where the ledger is', async () => {
    const gateway = await runGateway(options())
    try {
      const ask = async () => (await (await fetch(`${gateway.url}v1/health`)).json()) as ApiHealth
      let health = await ask()
      while (health.status === 'behind') {
        // Asked without a rest, it would say that it was asked too often.
        await pause(LOOK_AGAIN_MS)
        health = await ask()
      }
      expect(health.status).to.equal('ledger-unreachable')
      const overview = await fetch(`${gateway.url}v1/overview`)
      expect(overview.status).to.equal(200)
      const deployment = await (await fetch(`${gateway.url}v1/deployment`)).text()
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })
      const headers = { 'Content-Type': 'application/json' }
      const forwarded = await fetch(`${gateway.url}v1/rpc`, { method: 'POST', body, headers })
      expect(forwarded.status).to.equal(503)
      const said = [deployment, JSON.stringify(health), await forwarded.text(), ...lines].join('\n')
      expect(said).not.to.match(/hunter2|secret-path|operator/)
    } finally {
      await gateway.stop()
    }
  })

  it('ends with its readers', async () => {
    const gateway = await runGateway(options())
    const events = await fetch(`${gateway.url}v1/events`)
    const ended = events.text()
    await gateway.stop()
    expect(await ended).to.include('retry:')
    expect((await readdir(join(home, 'gateway'))).sort()).to.include('index.sqlite')
  })

  it('names a port that is taken, and leaves its home free', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, message } = await failureOf(runGateway(options({ port })))
    expect(code).to.equal('CONFIG_INVALID')
    expect(message).to.include(`127.0.0.1:${port}`)
    other.close()
    await (await runGateway(options())).stop()
  })

  for (const publicRpcUrl of ['https://user:key@rpc.example', 'ftp://rpc.example', 'rpc.example']) {
    it(`does not show everybody ${publicRpcUrl}`, async () => {
      const { code, message } = await failureOf(runGateway(options({ publicRpcUrl })))
      expect(code).to.equal('CONFIG_INVALID')
      expect(message).not.to.include('key@')
    })
  }
})
