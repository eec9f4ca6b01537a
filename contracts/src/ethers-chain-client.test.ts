import { systemClock } from '@orlop/protocol/clock'
import type { Deployment } from '@orlop/protocol/deployment'
import { isOrlopError } from '@orlop/protocol/errors'
import { RATING_CAUSES } from '@orlop/protocol/messages/keeping'
import { signDigest } from '@orlop/crypto/sign'
import { expect } from 'chai'
import { AbiCoder, getBytes, hexlify } from 'ethers'
import { verifyBatchProof } from './batch-tree.ts'
import { chainClientConformance } from './chain-client.conformance.ts'
import {
  LedgerFixture,
  addressOfKey,
  collect,
  testKey,
  testProfile,
  type LedgerUnderTest,
} from './chain-client.fixture.ts'
import { deployContracts } from './deploy-contracts.ts'
import { AnvilProcess } from './embedded/anvil-process.ts'
import { EthersChainClient } from './ethers-chain-client.ts'
import { EthersLedgerReader } from './ethers-ledger-reader.ts'
import { leafOf, type RecordedCommit } from './ethers/recorded-batch.ts'
import { TransactionSender } from './ethers/transaction-sender.ts'
import type { CallsByHand, HistoryUnderTest } from './history.conformance.ts'
import { orlopContracts } from './orlop-contracts.ts'
import { LedgerRpc } from './rpc/ledger-rpc.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'

const ADMIN_KEY = testKey(11)

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  )
}

describe('EthersChainClient', () => {
  let anvil: AnvilProcess

  before(async () => {
    anvil = await AnvilProcess.start()
  })

  after(() => anvil.stop())

  async function fresh(): Promise<LedgerUnderTest & Pick<HistoryUnderTest, 'byHand'>> {
    const { rpcUrl } = anvil
    const deployment = await deployContracts({ rpcUrl, privateKey: ADMIN_KEY })
    const rpc = new RpcConnection(rpcUrl)
    return {
      deployment,
      adminKey: ADMIN_KEY,
      connect: (privateKey) => new EthersChainClient({ rpcUrl, deployment, privateKey }),
      byHand: (privateKey) => byHand(deployment, privateKey),
      markLoss: async () => {
        const mark = await rpc.call('evm_snapshot', [])
        return async () => {
          await rpc.call('evm_revert', [mark])
        }
      },
    }
  }

  /** Sends what no client of this code would send. */
  async function sendRaw(privateKey: Uint8Array, to: string, data: string) {
    const rpc = new LedgerRpc(new RpcConnection(anvil.rpcUrl))
    const chainId = await rpc.chainId()
    const sender = new TransactionSender({ rpc, chainId, privateKey, clock: systemClock })
    return sender.send({ action: 'test', to, data })
  }

  function byHand(deployment: Deployment, privateKey: Uint8Array): CallsByHand {
    const { registry, credit } = orlopContracts(deployment)
    const send = ({ address }: { address: string }, data: string) =>
      sendRaw(privateKey, address, data)
    return {
      appeal: ({ nodeId, sequence }, reasonHash) =>
        send(credit, credit.encodeCall('appeal', [nodeId, sequence, hexlify(reasonHash)])),
      annul: ({ nodeId, sequence }, reason) =>
        send(credit, credit.encodeCall('annul', [nodeId, sequence, reason])),
      dismiss: ({ nodeId, sequence }, reason) =>
        send(credit, credit.encodeCall('dismiss', [nodeId, sequence, reason])),
      setTier: (nodeId, tier, reason) =>
        send(registry, registry.encodeCall('setTier', [nodeId, tier === 'heavy' ? 1 : 2, reason])),
    }
  }

  chainClientConformance('ethers on anvil', fresh)

  describe('on a ledger that is not the expected one', () => {
    async function mismatch(change: (deployment: Deployment) => Partial<Deployment>) {
      const { deployment } = await fresh()
      const wrong = { ...deployment, ...change(deployment) }
      const { rpcUrl } = anvil
      const client = new EthersChainClient({ rpcUrl, deployment: wrong, privateKey: ADMIN_KEY })
      const calls = [
        () => client.head(),
        () => client.nodes(),
        () => client.registerNode(testProfile()),
      ]
      for (const call of calls) {
        const error = await errorOf(call())
        expect(isOrlopError(error, 'LEDGER_MISMATCH'), String(error)).to.equal(true)
      }
    }

    it('refuses another chain', () => mismatch(() => ({ chainId: 1 })))

    it('refuses an address without a contract', () =>
      mismatch(() => ({ credit: addressOfKey(testKey(77)) })))

    it('refuses contracts in each other’s place', () =>
      mismatch(({ registry, receipts }) => ({ registry: receipts, receipts: registry })))

    it('refuses contracts of two deployments', async () => {
      const other = await fresh()
      await mismatch(() => ({ registry: other.deployment.registry }))
    })
  })

  it('starts without a ledger and works once there is one', async () => {
    const { deployment } = await fresh()
    const options = { rpcUrl: 'http://127.0.0.1:1', deployment, retries: 0 }
    const error = await errorOf(new EthersLedgerReader(options).nodes())
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    let isUp = false
    const rpcUrl = anvil.rpcUrl
    const flaky = ((url: string, init: RequestInit) =>
      isUp ? fetch(url, init) : Promise.reject(new TypeError('down'))) as typeof fetch
    const reader = new EthersLedgerReader({ rpcUrl, deployment, retries: 0, fetch: flaky })
    expect(isOrlopError(await errorOf(reader.nodes()), 'LEDGER_UNREACHABLE')).to.equal(true)
    isUp = true
    expect(await reader.nodes()).to.deep.equal([])
  })

  it('lets a caller give up while the ledger is looked at first, and others wait on', async () => {
    const { deployment } = await fresh()
    const asked = Promise.withResolvers<undefined>()
    const answers = Promise.withResolvers<undefined>()
    const { rpcUrl } = anvil
    const slow = (async (url: string, init: RequestInit) => {
      asked.resolve(undefined)
      await answers.promise
      return fetch(url, init)
    }) as typeof fetch
    const reader = new EthersLedgerReader({ rpcUrl, deployment, retries: 0, fetch: slow })
    const caller = new AbortController()
    const givenUp = errorOf(reader.head({ signal: caller.signal }))
    const patient = reader.nodes()
    await asked.promise
    caller.abort()
    expect(isOrlopError(await givenUp, 'ABORTED')).to.equal(true)
    answers.resolve(undefined)
    expect(await patient).to.deep.equal([])
  })

  it('lets two programs use one account at the same time', async () => {
    const ledger = await fresh()
    const clients = [ledger.connect(testKey(31)), ledger.connect(testKey(31))]
    await clients[0]!.registerNode(testProfile())
    const beats = [1, 2, 3].flatMap((free) => clients.map((client) => client.heartbeat(free)))
    await Promise.all(beats)
    expect((await clients[0]!.node(1))?.freeBytes).to.equal(3)
  })

  it('names the transaction that no block took in time, and goes on afterwards', async () => {
    const { deployment } = await fresh()
    const { rpcUrl } = anvil
    const rpc = new RpcConnection(rpcUrl)
    const privateKey = testKey(41)
    const options = { rpcUrl, deployment, privateKey, inclusionTimeoutMs: 0 }
    const client = new EthersChainClient(options)
    await rpc.call('evm_setAutomine', [false])
    let error: unknown
    try {
      error = await errorOf(client.registerNode(testProfile()))
    } finally {
      await rpc.call('evm_setAutomine', [true])
    }
    if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
    await rpc.call('anvil_mine', ['0x1'])
    const inclusion = await client.inclusion(String(error.details['transactionHash']))
    expect(inclusion?.isFinal).to.equal(true)
    const patient = new EthersChainClient({ rpcUrl, deployment, privateKey })
    await patient.heartbeat(5)
    expect((await patient.node(1))?.freeBytes).to.equal(5)
  })

  it('is final by depth, age and tag as told', async () => {
    const on = new LedgerFixture(await fresh())
    await on.admitAll()
    const { transactionHash } = await on.nodes[0].record([{ commit: on.commit() }])
    const { deployment } = on
    const { rpcUrl } = anvil
    const head = await on.steward.head()
    const common = { rpcUrl, deployment, privateKey: ADMIN_KEY }
    const at = (nowMs: number) => ({ nowMs: () => nowMs, monotonicMs: () => 0 })
    const isFinal = async (options: Partial<ConstructorParameters<typeof EthersChainClient>[0]>) =>
      (await new EthersChainClient({ ...common, ...options }).inclusion(transactionHash))?.isFinal
    expect(await isFinal({ finality: { kind: 'depth', blocks: 1 } })).to.equal(false)
    const age = { kind: 'age', ms: 30_000 } as const
    expect(await isFinal({ finality: age, clock: at(head.blockTimeMs + 29_999) })).to.equal(false)
    expect(await isFinal({ finality: age, clock: at(head.blockTimeMs + 30_000) })).to.equal(true)
    expect(await isFinal({ finality: { kind: 'tag' } })).to.equal(false)
    await new RpcConnection(rpcUrl).call('anvil_mine', ['0x80'])
    expect(await isFinal({ finality: { kind: 'depth', blocks: 1 } })).to.equal(true)
    expect(await isFinal({ finality: { kind: 'tag' } })).to.equal(true)
  })

  it('reads on when somebody put bytes on the ledger that are no text', async () => {
    const on = new LedgerFixture(await fresh())
    await on.nodes[0].registerNode(testProfile())
    const { registry } = orlopContracts(on.deployment)
    const valid = registry.encodeCall('registerNode', [
      { peerId: '0x00', addresses: '', capacityBytes: 0, region: '', name: 'x' },
      1,
    ])
    const bad = '0xff'
    const many = getBytes(new TextEncoder().encode('/a,'.repeat(600)))
    const args = AbiCoder.defaultAbiCoder().encode(
      ['tuple(bytes,bytes,uint64,bytes,bytes)', 'uint8'],
      [['0x00', many, 2n ** 64n - 1n, bad, bad], 1],
    )
    await sendRaw(testKey(51), registry.address, valid.slice(0, 10) + args.slice(2))
    const nodes = await on.steward.nodes()
    expect(nodes.map(({ name }) => name)).to.deep.equal(['A01', ''])
    expect(nodes[1]?.addresses).to.have.length(8)
    expect(nodes[1]?.capacityBytes).to.equal(Number.MAX_SAFE_INTEGER)
    const told = await collect(on.steward.registryEvents({ nodeId: 2 }))
    const [registered] = told
    if (registered?.kind !== 'nodeRegistered') throw new Error('expected a registration')
    expect(registered.profile).to.include({ name: '', capacityBytes: Number.MAX_SAFE_INTEGER })
    expect(registered.profile.addresses).to.have.length(8)
  })

  it('skips a receipt whose numbers JavaScript cannot count, and still proves its neighbours', async () => {
    const on = new LedgerFixture(await fresh())
    await on.admitAll()
    const huge: RecordedCommit = {
      objectId: `0x${'ee'.repeat(32)}`,
      headerHash: `0x${'bb'.repeat(32)}`,
      root: `0x${'cc'.repeat(32)}`,
      streamBytes: 2n ** 64n - 1n,
      expiry: 2n ** 64n - 1n,
      sequence: 5n,
      clientId: 1n,
      nodeId: 1n,
      classCode: 0n,
      index: 0n,
      k: 1n,
      m: 0n,
      level: 1n,
      flags: 0n,
    }
    const leaf = leafOf(on.deployment, huge)
    const signature = signDigest(leaf, on.clientKey)
    const normal = on.commit({ sequence: 6 })
    const { receipts } = orlopContracts(on.deployment)
    const pack = (commit: RecordedCommit, signed: Uint8Array) => ({
      objectId: commit.objectId,
      headerHash: commit.headerHash,
      root: commit.root,
      terms:
        (commit.streamBytes << 184n) |
        (commit.expiry << 120n) |
        (commit.sequence << 56n) |
        (commit.k << 24n) |
        (commit.m << 16n) |
        (commit.level << 8n) |
        (commit.classCode << 40n) |
        commit.flags,
      parties: (1n << 32n) | 1n,
      r: signed.subarray(0, 32),
      vs: signed.subarray(32),
    })
    const { message } = normal
    const other: RecordedCommit = {
      ...huge,
      objectId: `0x${'aa'.repeat(32)}`,
      streamBytes: BigInt(message.streamBytes),
      expiry: BigInt(message.expiry),
      sequence: 6n,
      classCode: 4n,
      m: 1n,
      level: 2n,
      flags: 1n,
    }
    const commits = [pack(huge, signature), pack(other, normal.signature)]
    const data = receipts.encodeCall('record', [commits, []])
    await sendRaw(on.nodeKeys[0], receipts.address, data)
    const found = await collect(on.steward.receipts({}))
    expect(found.map(({ sequence }) => sequence)).to.deep.equal([6])
    const citation = await on.steward.cite(1, 6)
    expect(citation?.proof.map((each) => Buffer.from(each))).to.deep.equal([Buffer.from(leaf)])
    expect(verifyBatchProof(leafOf(on.deployment, other), citation?.proof ?? [], leaf)).to.equal(
      false,
    )
    await on.nodes[1].rate(on.rating({ sequence: 6 }))
  })

  it('gives the rating that was taken back with the change of credit that this made', async () => {
    const on = new LedgerFixture(await fresh())
    await on.admitAll()
    await on.nodes[0].record([{ commit: on.commit() }])
    await on.nodes[0].rate(on.rating({ score: 2, causeCode: RATING_CAUSES.slow }))
    await byHand(on.deployment, ADMIN_KEY).annul({ nodeId: 1, sequence: 0 }, 'link was down')
    const events = await collect(on.steward.creditEvents({ clientId: 1 }))
    const rating = { nodeId: 1, clientId: 1, sequence: 0, score: 2, causeCode: RATING_CAUSES.slow }
    expect(events.map(({ kind }) => kind)).to.deep.equal(['rated', 'annulled'])
    for (const event of events) expect(event).to.include(rating)
    expect(events[1]?.beforeMillionths).to.equal(events[0]?.afterMillionths)
    const { blockNumber } = await on.steward.head()
    expect(await collect(on.steward.creditEvents({ fromBlock: blockNumber }))).to.have.length(1)
  })

  it('refuses a profile that could not be read back as it was', async () => {
    const { nodes } = new LedgerFixture(await fresh())
    const comma = testProfile({ addresses: ['/ip4/1.2.3.4/tcp/1,/x'] })
    expect(await errorOf(nodes[0].registerNode(comma))).to.be.instanceOf(RangeError)
    const noId = testProfile({ peerId: '0OIl' })
    expect(await errorOf(nodes[0].registerNode(noId))).to.be.instanceOf(RangeError)
  })
})
