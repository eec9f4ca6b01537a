import { join } from 'node:path'
import { startEmbeddedLedger } from '@orlop/contracts/embedded-ledger'
import { EthersChainClient } from '@orlop/contracts/ethers-chain-client'
import { openSteward } from '@orlop/cli/devnet/steward'
import { addressOfSecretKey } from '@orlop/client-sdk/keyring/key-set'
import { randomBytes } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import type { Deployment } from '@orlop/protocol/deployment'
import type { RecordItem } from '@orlop/protocol/ledger'
import { registerClientType } from '@orlop/protocol/messages/identity'
import { commitType } from '@orlop/protocol/messages/storing'
import { signMessage } from '@orlop/protocol/typed-message'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import { summarize } from './statistics.ts'

const BATCHES = [1, 10, 100, 500]
const BAR_BATCH = 100
const BAR_GAS = 15_000
const HASH_BYTES = 32
const YEAR_SECONDS = 365 * 24 * 3600
const PEER_ID = '12D3KooWJ2aQ1kqWkz8m2Q4yq4D7z8r2mYvT6a5qJm9G6b1uQ3rS'

/** What a receipt costs on the embedded ledger, recorded by the node that holds the strip. */
export const gasBench: Bench = {
  name: 'gas',
  measures: 'gas per receipt by batch size, dense sequence numbers, sent by the holding node',
  isDefault: true,
  limitMs: 120_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const homeFolder = join(context.folder, 'ledger')
  const ledger = await startEmbeddedLedger({ homeFolder, port: 0 })
  try {
    const recorder = await Recorder.open(homeFolder, ledger)
    // The node's first receipt opens fresh storage, once in its life.
    await recorder.gasOf(1)
    const rows: BenchRow[] = []
    for (const count of BATCHES) {
      context.signal.throwIfAborted()
      context.progress(`batch of ${count}`)
      rows.push(rowOf(count, await recorder.gasOf(count)))
    }
    return rows
  } finally {
    await ledger.stop()
  }
}

function rowOf(count: number, gas: number): BenchRow {
  const measured = {
    metric: `batch of ${count}`,
    unit: 'gas/receipt',
    values: [Math.round(gas / count)],
  }
  return summarize(count === BAR_BATCH ? { ...measured, bar: { atMost: BAR_GAS } } : measured)
}

/** An admitted node that records receipts of an admitted client. */
class Recorder {
  readonly #node: EthersChainClient
  readonly #nodeId: number
  readonly #clientKey: Uint8Array
  readonly #clientId: number
  #sequence = 0

  private constructor(parts: {
    node: EthersChainClient
    nodeId: number
    clientKey: Uint8Array
    clientId: number
  }) {
    this.#node = parts.node
    this.#nodeId = parts.nodeId
    this.#clientKey = parts.clientKey
    this.#clientId = parts.clientId
  }

  static async open(
    ledgerHome: string,
    ledger: { readonly rpcUrl: string; readonly deployment: Deployment },
  ): Promise<Recorder> {
    const { rpcUrl, deployment } = ledger
    const steward = openSteward(ledgerHome, { rpcUrl, deployment })
    const node = new EthersChainClient({ rpcUrl, deployment, privateKey: generateSecretKey() })
    const nodeId = await node.registerNode({
      name: 'A01',
      peerId: PEER_ID,
      addresses: ['/ip4/127.0.0.1/tcp/4001'],
      tier: 'heavy',
      region: '',
      capacityBytes: 1e9,
    })
    await steward.admitNode(nodeId)
    const clientKey = generateSecretKey()
    const registration = {
      signer: addressOfSecretKey(clientKey),
      recovery: addressOfSecretKey(generateSecretKey()),
      openingKey: randomBytes(HASH_BYTES),
      imoNumber: 0,
      name: 'bench',
    }
    const clientId = await steward.registerClient(
      signMessage(registerClientType, deployment, registration, clientKey),
    )
    return new Recorder({ node, nodeId, clientKey, clientId })
  }

  /** Records a batch. @returns the gas of the whole transaction. */
  async gasOf(count: number): Promise<number> {
    const items = Array.from({ length: count }, () => this.#nextItem())
    const { gasUsed, rejected } = await this.#node.record(items)
    if (rejected.length === 0) return gasUsed
    throw new Error(`the ledger rejected ${rejected.length} receipts: ${rejected[0]?.reason ?? ''}`)
  }

  #nextItem(): RecordItem {
    const message = {
      objectId: randomBytes(HASH_BYTES),
      headerHash: randomBytes(HASH_BYTES),
      root: randomBytes(HASH_BYTES),
      streamBytes: 4_194_304,
      expiry: Math.floor(Date.now() / 1000) + YEAR_SECONDS,
      sequence: this.#sequence++,
      clientId: this.#clientId,
      nodeId: this.#nodeId,
      classCode: 4,
      index: 0,
      k: 1,
      m: 1,
      level: 2,
      flags: 1,
    }
    return {
      commit: signMessage(commitType, this.#node.deployment, message, this.#clientKey),
    }
  }
}
