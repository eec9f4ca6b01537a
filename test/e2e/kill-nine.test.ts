import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import type { SpoolItem } from '@orlop/agent/spool/spool'
import { keyringFile } from '@orlop/cli/open-client'
import { DEVNET_NODES } from '@orlop/cli/devnet/layout'
import { openLedger } from '@orlop/client-sdk/ledger/open-ledger'
import type { ApiReceipts } from '@orlop/protocol/api/receipts'
import { formatObjectId } from '@orlop/protocol/ids'
import { FileKeyring } from '@orlop/client-sdk/keyring/file-keyring'
import { seededRandom } from '@orlop/client-sdk/testkit/seeded-random'
import type { RealNetwork } from '../testkit/real-network.ts'
import { readAll, sampleBytes } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'
import { killRun } from './main.ts'
import { sharedNetwork } from './shared-network.ts'

const FILES_PER_ROUND = 3
const MAX_FILE_BYTES = 3_000_000
/** About what three files cause in the folders of agent and nodes: found, offered, sealed, sent, committed, spread, recorded. */
const MAX_CHANGES = 400
const PARTS = ['agent', 'gateway', ...DEVNET_NODES.map(({ name }) => name)]
/** A request lease alone may take 60 s. */
const ROUND_TIMEOUT_MS = 180_000

interface Kept {
  readonly objectId: string
  readonly bytes: Uint8Array
}

describe('e2e: kill -9 while files are being stored', () => {
  let network: RealNetwork

  before(async () => {
    network = await sharedNetwork()
  })
  afterEach(() => network.heal())

  it(`loses nothing that was acknowledged, ${killRun.rounds} times, seed ${killRun.seed}`, async function () {
    this.timeout(120_000 + killRun.rounds * ROUND_TIMEOUT_MS)
    const random = seededRandom(killRun.seed)
    const kept: Kept[] = []
    for (let round = 0; round < killRun.rounds; round++) {
      const victim = PARTS[Math.floor(random() * PARTS.length)]!
      const changes = changesIn(network.layout.devnet, Math.floor(random() * MAX_CHANGES))
      const files = new Map<string, Uint8Array>()
      for (let file = 0; file < FILES_PER_ROUND; file++) {
        const bytes = sampleBytes(Math.floor(random() * MAX_FILE_BYTES), round + file)
        files.set(await network.giveToAgent(`kill-${round}-${file}.bin`, bytes), bytes)
      }
      const allStored = async () => {
        const items = await itemsOf(files)
        return items.length === files.size && items.every(isStored)
      }
      await until('the moment to kill', async () => changes.isReached || (await allStored()))
      changes.stop()
      const acknowledged = (await itemsOf(files)).filter(isStored)
      await network.kill(victim)
      await network.heal()
      await until(`round ${round}, ${victim} killed: all files stored`, allStored, ROUND_TIMEOUT_MS)

      const items = await itemsOf(files)
      for (const { path, stored } of acknowledged) {
        // It was not lost and stored anew: what was told once stays true.
        expect(items.find((item) => item.path === path)?.stored).to.deep.equal(stored)
      }
      for (const { path, stored } of items) {
        kept.push({ objectId: stored!.objectId, bytes: files.get(path)! })
      }
    }
    await expectAllThere(kept)
  })

  async function itemsOf(files: ReadonlyMap<string, Uint8Array>): Promise<SpoolItem[]> {
    return (await network.agentItems()).filter(({ path }) => files.has(path))
  }

  /** Reads everything as the shore, with whom the ship shares: every copy of every object, on the nodes that the ledger names. */
  async function expectAllThere(kept: readonly Kept[]): Promise<void> {
    const { layout } = network
    const passphrase = (await readFile(layout.passphraseFile, 'utf8')).trim()
    const keyring = await FileKeyring.open({ file: keyringFile(layout.clientHome), passphrase })
    const { client } = await network.client({ keyring, settings: { registryMaxAgeMs: 0 } })
    const status = JSON.parse(await readFile(`${layout.agentHome}/status.json`, 'utf8')) as {
      ship: { clientId: number }
      counts: Record<SpoolItem['state'], number>
    }
    const ownerId = status.ship.clientId
    // A ship's every object is one of its files: nothing was stored twice.
    const { rpcUrl, deployment } = network.network
    const onLedger = new Set<string>()
    for await (const { objectId } of openLedger({ rpcUrl, deployment }).receipts({
      clientId: ownerId,
    })) {
      onLedger.add(formatObjectId(objectId))
    }
    const { counts } = status
    expect(onLedger.size).to.be.at.most(counts.stored + counts.recorded)
    for (const { objectId, bytes } of kept) {
      await until(`${objectId} is on the ledger`, async () => {
        const found = await client.verify({ objectId, ownerId }).catch(() => null)
        return found?.strips.every(({ txHash }) => txHash !== null) === true && found.isSound
      })
      const { stream } = await client.retrieve({ objectId, ownerId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    }
    await expectIndexed()
  }

  /** The explorer shows each receipt of the ledger, once. */
  async function expectIndexed(): Promise<void> {
    const { rpcUrl, deployment } = network.network
    await until('the index has what the ledger has', async () => {
      const onLedger = await Array.fromAsync(openLedger({ rpcUrl, deployment }).receipts({}))
      const indexed = await indexedReceipts(network.explorerUrl)
      return namesOf(indexed).join() === namesOf(onLedger).join()
    })
  }
})

function namesOf(receipts: readonly { nodeId: number; sequence: number }[]): string[] {
  return receipts.map(({ nodeId, sequence }) => `${nodeId}/${sequence}`).sort()
}

async function indexedReceipts(explorerUrl: string): Promise<ApiReceipts['items']> {
  const items: ApiReceipts['items'] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const from: string = cursor === '' ? '' : `&cursor=${cursor}`
    const response = await fetch(`${explorerUrl}v1/receipts?limit=200${from}`)
    const page = (await response.json()) as ApiReceipts
    items.push(...page.items)
    cursor = page.nextCursor
  }
  return items
}

function isStored({ state }: SpoolItem): boolean {
  return state === 'stored' || state === 'recorded'
}

/** Counts what changes below a folder: a clock that runs with the work, not with the machine's speed. */
function changesIn(folder: string, count: number) {
  let seen = 0
  const watcher = watch(folder, { recursive: true }, () => seen++)
  return {
    get isReached() {
      return seen >= count
    },
    stop: () => {
      watcher.close()
    },
  }
}
