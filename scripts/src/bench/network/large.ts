import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { sameFiles } from '../same-files.ts'
import { summarize } from '../statistics.ts'
import { memoryRow } from './network-bench.ts'

const GIB = 1024 ** 3

/** A file longer than what fits into memory for any part that does not stream. */
export const largeBench: Bench = {
  name: 'large',
  measures: 'a sparse file of 5 GiB, stored and fetched on the default settings',
  isDefault: false,
  limitMs: 900_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const { folder, signal, isQuick } = context
  const network = await context.network()
  const lengthBytes = isQuick ? GIB / 4 : 5 * GIB
  const [path, file] = [join(folder, 'sparse.bin'), join(folder, 'fetched.bin')]
  await writeSparse(path, lengthBytes)
  context.progress('put')
  const put = await network.run({ do: 'put', path }, { signal })
  context.progress('get')
  const get = await network.run({ do: 'get', objectId: put.objectId, file }, { signal })
  if (!(await sameFiles(path, file))) throw new Error('get gave other bytes than put took')
  const speed = (seconds: number) => [lengthBytes / 1e6 / seconds]
  return [
    summarize({ metric: 'put', unit: 'MB/s', values: speed(put.seconds) }),
    summarize({ metric: 'get', unit: 'MB/s', values: speed(get.seconds) }),
    summarize({ metric: 'sealed', unit: 'B', values: [put.sealedBytes] }),
    memoryRow('put, peak memory', [put]),
    memoryRow('get, peak memory', [get]),
  ]
}

async function writeSparse(path: string, lengthBytes: number): Promise<void> {
  const file = await open(path, 'wx')
  try {
    await file.truncate(lengthBytes)
  } finally {
    await file.close()
  }
}
