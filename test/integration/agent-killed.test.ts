import { cpSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Agent } from '@orlop/agent/agent'
import { LevelSpool } from '@orlop/agent/spool/level-spool'
import type { Spool, SpoolItem } from '@orlop/agent/spool/spool'
import type { OrlopClient } from '@orlop/client-sdk/client'
import type { Keyring } from '@orlop/client-sdk/keyring/keyring'
import { loadPolicy } from '@orlop/client-sdk/policy/load-policy'
import { seededRandom } from '@orlop/client-sdk/testkit/seeded-random'
import { silentLogger } from '@orlop/protocol/logger'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'

const SEED = 7
const KILLS = 12
const FILE_BYTES = [0, 1_000, 300_000]

/** A ship: its watched folder, and a home that is copied as a killed process leaves it. */
interface Ship {
  readonly keyring: Keyring
  readonly watched: string
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** An agent that runs, and the moments at which it can be killed. */
interface Running {
  readonly agent: Agent
  readonly client: OrlopClient
  readonly spool: LevelSpool
  stop(): Promise<void>
}

/** Called at each moment with its name. */
type OnMoment = (moment: string) => void

describe('the agent, killed', () => {
  let fleet: SdkFleet

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
  })
  after(() => fleet.close())
  afterEach(() => {
    fleet.network.onFrame = () => Promise.resolve()
  })

  it('stores a file once that was stored, and not noted, when it was killed', async () => {
    const ship = await newShip()
    await storeInTwoLives(ship, (moment) => moment === 'before stored')
    await expectEachOnce(ship)
  })

  it(`loses nothing and stores nothing twice, at ${KILLS} moments, seed ${SEED}`, async function () {
    this.timeout(240_000)
    let moments = 0
    const measured = await newShip()
    await storeInTwoLives(measured, () => {
      moments++
      return false
    })
    await expectEachOnce(measured)
    const random = seededRandom(SEED)
    for (let kill = 0; kill < KILLS; kill++) {
      const fatal = 1 + Math.floor(random() * moments)
      const ship = await newShip()
      let count = 0
      await storeInTwoLives(ship, () => ++count === fatal)
      await expectEachOnce(ship)
    }
  })

  async function newShip(): Promise<Ship & { readonly first: SdkClient; readonly home: string }> {
    const home = await fleet.folder()
    const watched = await fleet.folder()
    await mkdir(join(home, 'client'))
    const first = await fleet.client({ home: join(home, 'client') })
    const files = new Map<string, Uint8Array>()
    for (const [index, lengthBytes] of FILE_BYTES.entries()) {
      const name = `file-${index}.bin`
      files.set(name, sampleBytes(lengthBytes, index + 1))
      await writeFile(join(watched, name), files.get(name)!)
    }
    return { first, home, watched, files, keyring: first.keyring }
  }

  /** Runs an agent until the fatal moment or its work's end, and another on what the first left behind. */
  async function storeInTwoLives(
    ship: Awaited<ReturnType<typeof newShip>>,
    isFatal: (moment: string) => boolean,
  ): Promise<void> {
    const { first, home, watched } = ship
    const left = await fleet.folder()
    const life = { isOver: false }
    const onMoment = (moment: string) => {
      if (life.isOver || !isFatal(moment)) return
      // What a killed process leaves is what is on disk at this moment; nothing of it reaches the network any more.
      cpSync(home, left, { recursive: true })
      life.isOver = true
      fleet.network.detach(first.transport.peerId)
    }
    fleet.network.onFrame = ({ from, to }) => {
      const isOwn = [from, to].includes(first.transport.peerId)
      if (isOwn) onMoment('frame')
      return isOwn && life.isOver ? Promise.reject(new Error('killed')) : Promise.resolve()
    }
    const running = await start(first.client, { home, watched }, onMoment)
    await until('death or the end', async () => life.isOver || (await isDone(running.spool)))
    await running.stop()
    await first.client.close()

    const lastHome = life.isOver ? left : home
    const { client } = await fleet.guest({ home: join(lastHome, 'client'), keyring: ship.keyring })
    const again = await start(client, { home: lastHome, watched }, () => undefined)
    await until('the end', () => isDone(again.spool))
    await again.stop()
    await client.close()
  }

  async function start(
    client: OrlopClient,
    { home, watched }: { readonly home: string; readonly watched: string },
    onMoment: OnMoment,
  ): Promise<Running> {
    const spool = await LevelSpool.open(join(home, 'spool'))
    const agent = new Agent(
      {
        client,
        policy: await loadPolicy(),
        spool: watchedSpool(spool, onMoment),
        logger: silentLogger,
      },
      {
        home,
        watch: [watched],
        settledMs: 100,
        ship: { name: 'MV Test', imoNumber: 0 },
        shareWith: [],
      },
    )
    client.listen(({ type }) => {
      onMoment(type)
    })
    await agent.start()
    const stop = async () => {
      await agent.stop()
      await spool.close()
    }
    return { agent, client, spool, stop }
  }

  async function isDone(spool: Spool): Promise<boolean> {
    const items = await Array.fromAsync(spool.all())
    return items.length === FILE_BYTES.length && items.every(({ state }) => state === 'recorded')
  }

  /** By the ledger alone, on a fresh home. */
  async function expectEachOnce({ keyring, files }: Ship): Promise<void> {
    const { client } = await fleet.guest({ keyring })
    const entries = await client.list()
    expect(entries.map(({ name }) => name).sort()).to.deep.equal([...files.keys()])
    for (const { objectId, name } of entries) {
      const { stream } = await client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), files.get(name)!)).to.equal(0)
    }
    await client.close()
  }
})

/** A spool that tells of the moments before and after each of its writes. */
function watchedSpool(spool: Spool, onMoment: OnMoment): Spool {
  return {
    add: async (...file) => {
      onMoment('before found')
      const isNew = await spool.add(...file)
      onMoment('after found')
      return isNew
    },
    update: async (key: string, change: Partial<Omit<SpoolItem, 'key'>>) => {
      onMoment(`before ${change.state ?? 'note'}`)
      const item = await spool.update(key, change)
      onMoment(`after ${change.state ?? 'note'}`)
      return item
    },
    next: (rank) => spool.next(rank),
    delete: (keys) => spool.delete(keys),
    all: () => spool.all(),
    summary: () => spool.summary(),
    close: () => spool.close(),
  }
}
