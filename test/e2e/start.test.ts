import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Devnet } from '@orlop/cli/devnet/devnet'
import { HomeLayout, SAMPLE_VOYAGE } from '@orlop/cli/devnet/layout'
import { isRunning, type ProcessRecord } from '@orlop/cli/devnet/process-record'
import type { StoreResult } from '@orlop/client-sdk/index'
import { openDatabase } from '@orlop/client-sdk/home/open-database'
import { Cli } from '../testkit/cli.ts'
import { killProcess, shortFolder } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'

const PARTS = ['A01', 'A02', 'A03', 'A04', 'A05', 'A06', 'A07', 'A08', 'agent', 'gateway', 'ledger']
const VOYAGE_FILES = 4

interface StartReport {
  ok: boolean
  nodes: Record<string, unknown>[]
  ledger: { chainId: number; contracts: object; receipts: number; gasPerReceipt: number }
  objects: Record<string, unknown>[]
  earlier: object
  intruder: string[]
  explorer: { url: string }
  seconds: number
}

/** One home folder, through its whole life: the tests stand in the order of that life. */
describe('e2e: start, kill -9, start again', () => {
  let home: string
  let cli: Cli
  let devnet: Devnet
  let bytes: Uint8Array
  let objectId: string

  before(async () => {
    home = await shortFolder()
    cli = new Cli(home)
    devnet = new Devnet(new HomeLayout(home))
    bytes = sampleBytes(300_000)
    await writeFile(join(home, 'bridge.bin'), bytes)
  })
  after(async () => {
    await devnet.down()
    await rm(home, { recursive: true, force: true })
  })

  it('sails the sample voyage and stays up until every process of it is killed', async () => {
    const start = cli.start('start')
    await start.says('Ctrl-C ends the network')
    objectId = (await cli.json<StoreResult>('put', join(home, 'bridge.bin'))).objectId
    const parts = devnet.running()
    expect(parts.map(({ name }) => name).sort()).to.deep.equal(PARTS)
    expect((await start.kill('SIGKILL')).exitCode, 'it stayed up').to.equal(-1)
    for (const part of parts) await killProcess(part)
    expect(devnet.running()).to.deep.equal([])
  })

  it('starts again, and all it kept before is there, whole', async () => {
    const { exitCode, stdout } = await cli.run('start', '--once')
    expect(exitCode).to.equal(0)
    const report = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as StartReport
    expect(report.ok).to.equal(true)
    expect(report.earlier).to.deep.equal({ objects: VOYAGE_FILES, verified: VOYAGE_FILES })
    expectShape(report)
    expect(devnet.running()).to.deep.equal([])
  })

  it('wrote beside it what an intruder sees', async () => {
    const folder = new HomeLayout(home).intruderFolder
    const names = await readdir(folder)
    expect(names.filter((name) => name.endsWith('.garbled.txt'))).to.have.length(VOYAGE_FILES - 1)
    const [picture] = names.filter((name) => name.endsWith('.scrambled.png'))
    expect(picture).to.match(/^quay-photo/)
    const plan = await readFile(`${SAMPLE_VOYAGE}/voyage-plan-2022-03-22.txt`, 'latin1')
    const garbled = await readFile(join(folder, 'voyage-plan-2022-03-22.txt.garbled.txt'), 'latin1')
    for (const word of plan.match(/[A-Za-z]{6,}/g)!) expect(garbled).not.to.include(word)
  })

  describe('devnet', () => {
    let state: { isReady: boolean; processes: ProcessRecord[] }

    before(async () => {
      state = await cli.json('devnet', 'up')
    })

    it('up returns when the network is ready and leaves it running', async () => {
      expect(state.isReady).to.equal(true)
      const { isUp, processes } = await cli.json<{
        isUp: boolean
        processes: { name: string; isRunning: boolean }[]
      }>('devnet', 'status')
      expect(isUp).to.equal(true)
      expect(processes.map(({ name }) => name).sort()).to.deep.equal(PARTS)
      expect(processes.every(({ isRunning }) => isRunning)).to.equal(true)
    })

    it('gives back what was stored before the kill', async () => {
      const copy = join(home, 'copy.bin')
      await cli.json('get', objectId, '-o', copy)
      expect(Buffer.compare(await readFile(copy), bytes)).to.equal(0)
    })

    it('refuses to be started a second time, and changes nothing', async () => {
      for (const args of [
        ['devnet', 'up'],
        ['start', '--once'],
      ]) {
        const { exitCode, stderr, stdout } = await cli.run(...args)
        expect(exitCode).to.equal(1)
        expect(stderr).to.include('is up already').and.include('orlop devnet down')
        expect(stderr + stdout).not.to.match(/^\s+at /m)
      }
      expect(devnet.running()).to.have.length(PARTS.length)
    })

    it('lets one process at a time use a client home, and says which one has it', async () => {
      const database = await openDatabase(new HomeLayout(home).clientHome)
      try {
        const { exitCode, stderr, stdout } = await cli.run('ls', '--json')
        expect(exitCode).to.equal(1)
        expect(stderr).to.include(`in use by process ${process.pid}`)
        expect(JSON.parse(stdout)).to.have.nested.property('error.code', 'HOME_LOCKED')
      } finally {
        await database.close()
      }
    })

    it('down ends exactly what up started, and nothing else', async () => {
      const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      try {
        await once(stranger, 'spawn')
        const records = devnet.running()
        expect(await cli.json('devnet', 'down')).to.deep.equal({ ended: PARTS.length, killed: 0 })
        expect(records.filter(isRunning)).to.deep.equal([])
        expect(stranger.exitCode ?? stranger.signalCode).to.equal(null)
        expect(await cli.json('devnet', 'down')).to.deep.equal({ ended: 0, killed: 0 })
        expect(await cli.json('devnet', 'status')).to.include({ isUp: false })
      } finally {
        stranger.kill()
      }
    })

    it('never ends a process that was given the number of one of its own', async () => {
      const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      try {
        await once(stranger, 'spawn')
        const layout = new HomeLayout(await shortFolder())
        await mkdir(layout.devnet, { recursive: true })
        const stale = { name: 'A01', pid: stranger.pid, startTicks: 1 }
        const left = { version: 1, startedMs: 1, isReady: true, rpcUrl: null, deployment: null }
        await writeFile(layout.stateFile, JSON.stringify({ ...left, processes: [stale] }))
        const ended = await new Cli(layout.home).json('devnet', 'down')
        expect(ended).to.deep.equal({ ended: 0, killed: 0 })
        expect(stranger.exitCode ?? stranger.signalCode).to.equal(null)
        await rm(layout.home, { recursive: true })
      } finally {
        stranger.kill()
      }
    })
  })
})

/** Every field that `--once` promises, and no other. */
function expectShape(report: StartReport): void {
  expect(Object.keys(report)).to.have.members(
    'ok nodes ledger objects earlier intruder explorer seconds'.split(' '),
  )
  expect(report.nodes).to.have.length(8)
  for (const node of report.nodes) {
    expect(node).to.have.all.keys('name', 'tier', 'peerId', 'creditBefore', 'creditAfter')
  }
  expect(report.ledger).to.have.all.keys('chainId', 'contracts', 'receipts', 'gasPerReceipt')
  expect(report.ledger.contracts).to.have.all.keys('registry', 'receipts', 'credit')
  expect(report.ledger.receipts).to.be.at.least(2 * 2 * VOYAGE_FILES)
  expect(report.ledger.gasPerReceipt).to.be.within(1_000, 200_000)
  expect(report.objects).to.have.length(VOYAGE_FILES)
  for (const object of report.objects) {
    expect(object).to.include.all.keys(
      ...['name', 'class', 'importance', 'level', 'suite', 'plainBytes', 'sealedBytes'],
      ...['wireBytes', 'ingress', 'strips', 'verified', 'intruder'],
    )
    expect(object['verified']).to.equal(true)
    for (const strip of object['strips'] as object[]) {
      expect(strip).to.have.all.keys('index', 'node', 'root', 'txHash', 'verified')
      expect(strip).to.include({ verified: true })
    }
  }
  expect(report.intruder).to.have.length(VOYAGE_FILES)
  expect(report.explorer.url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(report.seconds).to.be.greaterThan(0)
}
