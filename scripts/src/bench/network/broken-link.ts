import { join } from 'node:path'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { writeRandom } from '../seal/test-data.ts'
import { summarize } from '../statistics.ts'
import { BreakingLink } from './breaking-link.ts'

const MEGABYTE = 1_000_000
const BAR_SENT_PER_SEALED = 1.05
const BYTES_PER_SECOND = 8 * MEGABYTE
const CUT_EVERY_MS = 3_000

/** What a link that breaks costs: nothing durable is sent twice. */
export const brokenLinkBench: Bench = {
  name: 'broken-link',
  measures: `a file of 100 MB uploaded over a link of 8 MB/s whose connections are all cut every 3 s`,
  isDefault: true,
  limitMs: 240_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const { folder, isQuick } = context
  const network = await context.network()
  const path = join(folder, 'random.bin')
  await writeRandom(path, (isQuick ? 40 : 100) * MEGABYTE)
  const runs: Awaited<ReturnType<typeof upload>>[] = []
  for (let run = 0; run < (isQuick ? 1 : 3); run++) {
    if (run > 0 && context.usedTime() > 0.5) break
    context.progress(`upload ${run + 1}`)
    runs.push(await upload(context, network, path))
  }
  const row = (metric: string, unit: string, values: number[]) =>
    summarize({ metric, unit, values })
  return [
    summarize({
      metric: 'bytes sent by the client per sealed byte',
      unit: '×',
      values: runs.map(({ sentBytes, sealedBytes }) => sentBytes / sealedBytes),
      bar: { atMost: BAR_SENT_PER_SEALED },
    }),
    row(
      'bytes that entered the link per sealed byte',
      '×',
      runs.map(({ carriedBytes, sealedBytes }) => carriedBytes / sealedBytes),
    ),
    row(
      'time, as a multiple of an unbroken link’s',
      '×',
      runs.map(({ seconds, sealedBytes }) => seconds / (sealedBytes / BYTES_PER_SECOND)),
    ),
    row(
      'cuts',
      '',
      runs.map(({ cuts }) => cuts),
    ),
  ]
}

async function upload(
  { signal }: BenchContext,
  network: Awaited<ReturnType<BenchContext['network']>>,
  path: string,
) {
  const link = await BreakingLink.start({
    targetPorts: await network.nodePorts(),
    bytesPerSecond: BYTES_PER_SECOND,
    cutEveryMs: CUT_EVERY_MS,
  })
  try {
    const { detours } = link
    const work = await network.run({ do: 'put', path }, { signal, detours })
    return { ...work, carriedBytes: link.carriedBytes, cuts: link.cuts }
  } finally {
    await link.stop()
  }
}
