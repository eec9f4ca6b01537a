import { ExplorerIndex } from '@orlop/gateway/index/explorer-index'
import { allAnswers } from '@orlop/gateway/index/index-answers.fixture'
import { IN_MEMORY } from '@orlop/gateway/index/index-file'
import { LedgerFollower } from '@orlop/gateway/index/ledger-follower'
import { silentLogger } from '@orlop/protocol/logger'
import { RECORDED_DEPLOYMENT, RecordedLedger } from '@orlop/scripts/bench/explorer/recorded-ledger'
import { writeRecordedLog } from '@orlop/scripts/bench/explorer/write-recorded-log'
import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CHILD = join(import.meta.dirname, 'child.ts')
/** Dots after which the child is killed: about 200 lead to the end. */
const KILLED_AFTER = [1, 7, 30, 45]

describe('the explorer’s index under kill -9', () => {
  let folder: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-index-'))
  })

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('goes on after each kill, and ends with what the whole log says', async () => {
    const log = join(folder, 'log.ndjson')
    await writeRecordedLog({ path: log, receipts: 2_000, seed: 7 })
    const file = join(folder, 'index.sqlite')
    for (const dots of KILLED_AFTER) await killAfter(dots, [log, file])
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (_: object, message: string) => warnings.push(message) }
    const ledger = new RecordedLedger(log)
    const index = new ExplorerIndex({ path: file, deployment: RECORDED_DEPLOYMENT, logger })
    expect(index.store.indexed?.blockNumber, 'kept of the killed processes').to.be.greaterThan(1)
    await new LedgerFollower({ ledger, index }).catchUp()
    const fresh = new ExplorerIndex({ path: IN_MEMORY, deployment: RECORDED_DEPLOYMENT })
    await new LedgerFollower({ ledger, index: fresh }).catchUp()
    expect(index.overview().totals.receipts).to.equal(2_000)
    expect(allAnswers(index)).to.deep.equal(allAnswers(fresh))
    expect(warnings, 'nothing had to be made anew').to.deep.equal([])
    index.close()
    ledger.close()
  })
})

/** Lets the child read so many slices, then kills it without a word. */
async function killAfter(dots: number, args: string[]): Promise<void> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  let seen = 0
  child.stdout.on('data', (data: Buffer) => {
    seen += data.length
    if (seen >= dots) child.kill('SIGKILL')
  })
  const [, signal] = (await ended) as [number | null, string | null]
  expect(signal, 'the child was killed on its way').to.equal('SIGKILL')
}
