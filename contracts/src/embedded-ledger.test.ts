import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { deploymentSchema } from '@orlop/protocol/deployment'
import { isOrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import * as z from 'zod'
import { LedgerFixture, collect } from './chain-client.fixture.ts'
import { startEmbeddedLedger, type EmbeddedLedger } from './embedded-ledger.ts'
import { readDeployerKey } from './embedded/deployer-key.ts'
import { LedgerSnapshots } from './embedded/ledger-snapshots.ts'
import { EthersChainClient } from './ethers-chain-client.ts'

const MAIN = fileURLToPath(import.meta.resolve('./ledger-main.ts'))

const readyLine = z.object({ rpcUrl: z.url(), deployment: deploymentSchema, pid: z.int() })
const savedLine = z.object({ msg: z.literal('ledger state saved'), block: z.int() })

/** The ledger as a process of its own, with the blocks that it said are saved. */
class LedgerProcess {
  /** Those of the present test, so that a failed one leaves nothing running. */
  static readonly started: LedgerProcess[] = []

  readonly child: ChildProcess
  readonly ready: z.infer<typeof readyLine>
  #savedBlock = 0
  #onSaved: () => void = () => undefined

  private constructor(child: ChildProcess, ready: z.infer<typeof readyLine>) {
    this.child = child
    this.ready = ready
  }

  static async start(homeFolder: string): Promise<LedgerProcess> {
    const args = [MAIN, '--home', homeFolder, '--log-level', 'debug']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const lines = createInterface({ input: child.stderr })
    const early: string[] = []
    const collectEarly = (line: string) => early.push(line)
    lines.on('line', collectEarly)
    for await (const line of createInterface({ input: child.stdout })) {
      const started = new LedgerProcess(child, readyLine.parse(JSON.parse(line)))
      LedgerProcess.started.push(started)
      lines.off('line', collectEarly)
      for (const each of early) started.#read(each)
      lines.on('line', (each) => started.#read(each))
      return started
    }
    throw new Error(`the ledger process ended: ${early.join('\n')}`)
  }

  async savedUpTo(block: number): Promise<void> {
    while (this.#savedBlock < block) {
      await new Promise<void>((resolve) => {
        this.#onSaved = resolve
      })
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const ended = once(this.child, 'close')
    this.child.kill(signal)
    await ended
  }

  #read(line: string): void {
    const saved = savedLine.safeParse(JSON.parse(line))
    if (!saved.success) return
    this.#savedBlock = saved.data.block
    this.#onSaved()
  }
}

describe('embedded ledger', function () {
  // After a kill the next start waits until the dead process's lock is stale.
  this.timeout(60_000)

  let home: string
  let running: EmbeddedLedger | null

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'orlop-ledger-'))
    running = null
  })

  afterEach(async () => {
    await running?.stop()
    for (const { child, ready } of LedgerProcess.started.splice(0)) {
      child.kill('SIGKILL')
      if (isAlive(ready.pid)) process.kill(ready.pid, 'SIGKILL')
    }
    await rm(home, { recursive: true })
  })

  async function start(): Promise<EmbeddedLedger> {
    running = await startEmbeddedLedger({ homeFolder: home, port: 0 })
    return running
  }

  async function fixture(ledger: Pick<EmbeddedLedger, 'rpcUrl' | 'deployment'>) {
    const { rpcUrl, deployment } = ledger
    return new LedgerFixture({
      deployment,
      adminKey: await readDeployerKey(home),
      connect: (privateKey) => new EthersChainClient({ rpcUrl, deployment, privateKey }),
      markLoss: () => Promise.reject(new Error('not used here')),
    })
  }

  /** Three receipts in two batches, and a rating. */
  async function fill(on: LedgerFixture): Promise<string> {
    await on.admitAll()
    const commits = [0, 1].map((sequence) => ({ commit: on.commit({ sequence }) }))
    await on.nodes[0].record(commits)
    await on.nodes[1].rate(on.rating())
    const last = await on.nodes[0].record([{ commit: on.commit({ sequence: 2 }) }])
    return last.transactionHash
  }

  async function expectFilled(on: LedgerFixture, lastHash: string): Promise<void> {
    const receipts = await collect(on.steward.receipts({}))
    expect(receipts.map(({ sequence }) => sequence)).to.deep.equal([0, 1, 2])
    expect(receipts[2]?.position.transactionHash).to.equal(lastHash)
    expect(await on.steward.inclusion(lastHash)).to.include({ isFinal: true })
    expect((await on.steward.cite(1, 1))?.proof).to.have.length(1)
    expect(await collect(on.steward.creditEvents({}))).to.have.length(1)
    expect(await on.steward.node(1)).to.include({ ratings: 1, state: 'admitted' })
  }

  it('deploys the contracts at its first start, with a key for its owner only', async () => {
    const ledger = await start()
    const text = await readFile(join(home, 'deployment.json'), 'utf8')
    expect(deploymentSchema.parse(JSON.parse(text))).to.deep.equal(ledger.deployment)
    const { mode } = await stat(join(home, 'deployer.key'))
    expect(mode & 0o777).to.equal(0o600)
    const on = await fixture(ledger)
    await on.admitAll()
    expect(await on.steward.client(1)).to.include({ state: 'admitted' })
  })

  it('keeps receipts, transactions and events when it is stopped and started', async () => {
    const first = await start()
    const hash = await fill(await fixture(first))
    await first.stop()
    const second = await start()
    expect(second.deployment).to.deep.equal(first.deployment)
    const on = await fixture(second)
    await expectFilled(on, hash)
    const next = await on.nodes[0].record([{ commit: on.commit({ sequence: 3 }) }])
    expect(next.batchId).to.equal(3)
  })

  it('keeps what was saved when everything is killed at once', async () => {
    const killed = await LedgerProcess.start(home)
    const on = await fixture(killed.ready)
    const hash = await fill(on)
    await killed.savedUpTo((await on.steward.head()).blockNumber)
    process.kill(killed.ready.pid, 'SIGKILL')
    await killed.kill('SIGKILL')
    await expectFilled(await fixture(await start()), hash)
  })

  it('loses nothing when only its keeper is killed: the next one saves what the EVM still holds', async () => {
    const killed = await LedgerProcess.start(home)
    const hash = await fill(await fixture(killed.ready))
    await killed.kill('SIGKILL')
    await expectFilled(await fixture(await start()), hash)
    expect(isAlive(killed.ready.pid)).to.equal(false)
  })

  it('gives no answer when its keeper is dead, so that nobody relies on what nobody saves', async () => {
    const killed = await LedgerProcess.start(home)
    const { rpcUrl, deployment } = killed.ready
    await killed.kill('SIGKILL')
    const privateKey = await readDeployerKey(home)
    const client = new EthersChainClient({ rpcUrl, deployment, privateKey, retries: 0 })
    const error: unknown = await client.head().catch((caught: unknown) => caught)
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    await start()
  })

  it('saves everything on SIGTERM and ends with 0', async () => {
    const ended = await LedgerProcess.start(home)
    const hash = await fill(await fixture(ended.ready))
    await ended.kill('SIGTERM')
    expect(ended.child.exitCode).to.equal(0)
    expect(isAlive(ended.ready.pid)).to.equal(false)
    await expectFilled(await fixture(await start()), hash)
  })

  it('ends with 1 when the EVM dies', async () => {
    const ledger = await LedgerProcess.start(home)
    const closed = once(ledger.child, 'close')
    process.kill(ledger.ready.pid, 'SIGKILL')
    expect((await closed)[0]).to.equal(1)
  })

  it('goes back to the state before when the newest is damaged', async () => {
    const first = await start()
    const hash = await fill(await fixture(first))
    await first.stop()
    const second = await start()
    await (await fixture(second)).nodes[0].heartbeat(1)
    await second.stop()
    const [newest] = await new LedgerSnapshots(home).names()
    await truncate(join(home, newest ?? ''))
    await expectFilled(await fixture(await start()), hash)
  })

  it('refuses to begin anew in silence when no state can be read', async () => {
    await (await start()).stop()
    running = null
    for (const name of await new LedgerSnapshots(home).names()) await truncate(join(home, name))
    const error: unknown = await start().catch((caught: unknown) => caught)
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    expect(String(error)).to.contain('can be read')
  })

  it('serves a folder once at a time', async () => {
    await start()
    const again = startEmbeddedLedger({ homeFolder: home, port: 0, lockWaitMs: 0 })
    const error: unknown = await again.catch((caught: unknown) => caught)
    expect(isOrlopError(error, 'HOME_LOCKED')).to.equal(true)
  })

  it('says so when its port is taken, and leaves nothing running', async () => {
    const other = await mkdtemp(join(tmpdir(), 'orlop-ledger-'))
    const { rpcUrl } = await start()
    const port = Number(new URL(rpcUrl).port)
    const error: unknown = await startEmbeddedLedger({ homeFolder: other, port }).catch(
      (caught: unknown) => caught,
    )
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    expect(String(error)).to.contain(String(port))
    await rm(other, { recursive: true })
  })
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Cuts a file in half. */
async function truncate(path: string): Promise<void> {
  const content = await readFile(path)
  await writeFile(path, content.subarray(0, content.length / 2))
}
