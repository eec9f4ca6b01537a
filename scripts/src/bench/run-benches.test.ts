import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { Bench, BenchContext } from './bench.ts'
import { runBenches } from './run-benches.ts'
import { summarize } from './statistics.ts'

use(chaiAsPromised)

const ROW = summarize({ metric: 'm', unit: 's', values: [1] })

describe('runBenches', () => {
  let parentFolder: string

  beforeEach(async () => {
    parentFolder = await mkdtemp(join(tmpdir(), 'orlop-bench-test-'))
  })
  afterEach(() => rm(parentFolder, { recursive: true }))

  function bench(run: Bench['run'], limitMs = 60_000): Bench {
    return { name: 'one', measures: 'something', isDefault: true, limitMs, run }
  }

  function runAll(benches: Bench[], signal = new AbortController().signal) {
    return runBenches({ benches, parentFolder, isQuick: true, signal, progress: () => undefined })
  }

  it('gives each bench a folder of its own and removes it', async () => {
    let folder = ''
    const report = await runAll([
      bench(async (context) => {
        folder = context.folder
        await writeFile(join(folder, 'data'), 'x')
        context.skip('peer', 'not installed')
        return [ROW]
      }),
    ])
    expect(folder.startsWith(parentFolder)).to.equal(true)
    expect(existsSync(folder)).to.equal(false)
    expect(report.benches[0]?.rows).to.deep.equal([ROW])
    expect(report.benches[0]?.skipped).to.deep.equal([{ what: 'peer', reason: 'not installed' }])
  })

  it('goes on with the next bench when one fails', async () => {
    const broken = bench(() => Promise.reject(new Error('no disk')))
    const report = await runAll([broken, bench(() => Promise.resolve([ROW]))])
    expect(report.benches.map(({ failure }) => failure)).to.deep.equal(['no disk', null])
  })

  it('ends a bench that takes too long, and says so', async () => {
    const report = await runAll([bench(untilAborted, 20)])
    expect(report.benches[0]?.failure).to.equal('took longer than 0.02 s')
  })

  it('ends everything on the signal', async () => {
    const stop = new AbortController()
    const run = runAll([bench(untilAborted)], stop.signal)
    stop.abort(new Error('interrupted'))
    await expect(run).to.be.rejectedWith('interrupted')
  })
})

function untilAborted({ signal }: BenchContext): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Error('aborted'))
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
  })
}
