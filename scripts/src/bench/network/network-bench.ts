import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { writeRandom } from '../seal/test-data.ts'
import { summarize } from '../statistics.ts'
import type { BenchNetwork } from './bench-network.ts'
import type { ClientWork } from './client-job.ts'
import { sameFiles } from '../same-files.ts'
import { kubo } from './kubo.ts'
import { tahoe } from './tahoe.ts'

const MIB = 1024 ** 2
const BAR_MEMORY_MIB = 300
const BAR_SENT_PER_SEALED = 1.05
const BAR_FIRST_BYTE_MS = 50
const RANGE_BYTES = 64 * 1024
const SMALL_BYTES = 4096

/** The whole way over a network of eight nodes on this machine, each a process of its own. */
export const networkBench: Bench = {
  name: 'network',
  measures:
    'store and fetch over eight nodes on this machine, default policy, until every copy is acknowledged',
  isDefault: true,
  limitMs: 420_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const network = await context.network()
  return [...(await large(context, network)), ...(await small(context, network))]
}

/** One large file, there and back, and ranges of it. */
async function large(context: BenchContext, network: BenchNetwork): Promise<BenchRow[]> {
  const { folder, signal, isQuick } = context
  const lengthBytes = isQuick ? 32 * MIB : 1024 * MIB
  const name = isQuick ? '32 MiB' : '1 GiB'
  const [path, file] = [join(folder, 'random.bin'), join(folder, 'fetched.bin')]
  await writeRandom(path, lengthBytes)
  const puts: ClientWork[] = []
  const gets: ClientWork[] = []
  for (let run = 0; run < (isQuick ? 1 : 3); run++) {
    if (run > 0 && context.usedTime() > 0.3) break
    context.progress(`put and get ${name}, run ${run + 1}`)
    const put = await network.run({ do: 'put', path }, { signal })
    const { objectId } = put
    puts.push(put)
    gets.push(await network.run({ do: 'get', objectId, file }, { signal }))
    if (!(await sameFiles(path, file))) throw new Error('get gave other bytes than put took')
  }
  const speed = ({ seconds }: ClientWork) => lengthBytes / 1e6 / seconds
  const rows = [
    ...sentRows(puts),
    summarize({ metric: `put ${name}`, unit: 'MB/s', values: puts.map(speed) }),
    summarize({ metric: `get ${name}`, unit: 'MB/s', values: gets.map(speed) }),
    ...(await peers(context, { path, lengthBytes, puts })),
    memoryRow(`put ${name}, peak memory`, puts),
    memoryRow(`get ${name}, peak memory`, gets),
  ]
  return [...rows, ...(await ranges(context, network, { work: puts[0], lengthBytes }))]
}

/** What others take to keep the same file, and how our time compares. */
async function peers(
  context: BenchContext,
  ours: { path: string; lengthBytes: number; puts: readonly ClientWork[] },
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const peer of [kubo, tahoe]) {
    if (!(await peer.isInstalled(context.signal))) {
      context.skip(peer.name, `not installed: ${peer.source}`)
      continue
    }
    context.progress(peer.name)
    const folder = await mkdtemp(join(context.folder, 'peer-'))
    const seconds = await peer.store(folder, ours.path, context.signal)
    await rm(folder, { recursive: true })
    const speed = [ours.lengthBytes / 1e6 / seconds]
    const values = ours.puts.map((put) => put.seconds / seconds)
    const metric = `put, wall, ours ÷ ${peer.name}`
    rows.push(
      summarize({ metric: peer.name, unit: 'MB/s', values: speed }),
      summarize({ metric, unit: '×', values, bar: { atMost: 1 } }),
    )
  }
  return rows
}

function sentRows(puts: readonly ClientWork[]): BenchRow[] {
  return [
    summarize({
      metric: 'bytes sent by the client per sealed byte',
      unit: '×',
      values: puts.map(({ sentBytes, sealedBytes }) => sentBytes / sealedBytes),
      bar: { atMost: BAR_SENT_PER_SEALED },
    }),
    summarize({ metric: 'copies', unit: '', values: puts.map(({ copies }) => copies) }),
  ]
}

/** Peak memory of a whole client process; flat whatever the file's size. */
export function memoryRow(metric: string, works: readonly ClientWork[]): BenchRow {
  const values = works.map(({ memoryMiB }) => memoryMiB)
  return summarize({ metric, unit: 'MiB', values, bar: { atMost: BAR_MEMORY_MIB } })
}

async function ranges(
  context: BenchContext,
  network: BenchNetwork,
  { work, lengthBytes }: { work: ClientWork | undefined; lengthBytes: number },
): Promise<BenchRow[]> {
  const { signal, isQuick } = context
  context.progress('ranges')
  const { objectId = '' } = work ?? {}
  const count = isQuick ? 5 : 41
  const read = { objectId, objectBytes: lengthBytes, rangeBytes: RANGE_BYTES, count }
  const { firstByteMs } = await network.run({ do: 'read-ranges', ...read }, { signal })
  return [
    summarize({
      metric: 'first byte of a 64 KiB range of an open object',
      unit: 'ms',
      values: firstByteMs.slice(1),
      bar: { atMost: BAR_FIRST_BYTE_MS },
    }),
    summarize({
      metric: 'first byte of a 64 KiB range, from a cold start: connect, find and open the object',
      unit: 'ms',
      values: firstByteMs.slice(0, 1),
    }),
  ]
}

async function small(context: BenchContext, network: BenchNetwork): Promise<BenchRow[]> {
  const { signal, isQuick } = context
  const rows: BenchRow[] = []
  for (const concurrency of [8, 1]) {
    const count = isQuick ? 8 : concurrency === 1 ? 20 : 100
    const values: number[] = []
    const sent: number[] = []
    for (let run = 0; run < (isQuick ? 1 : 3); run++) {
      if (run > 0 && context.usedTime() > 0.6) break
      context.progress(`${count} small objects, ${concurrency} at a time, run ${run + 1}`)
      const task = { do: 'put-small', count, objectBytes: SMALL_BYTES, concurrency } as const
      const work = await network.run(task, { signal })
      values.push(count / work.seconds)
      sent.push(work.sentBytes / count)
    }
    const metric = `objects of 4 KiB, ${concurrency} at a time`
    rows.push(summarize({ metric, unit: 'objects/s', values }))
    rows.push(
      summarize({ metric: `${metric}, sent by the client`, unit: 'B/object', values: sent }),
    )
  }
  return rows
}
