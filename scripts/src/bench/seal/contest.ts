import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { measureProcess, type ProcessCost } from '../measure-process.ts'
import { hashFile } from '../same-files.ts'
import type { Contender, SealFiles } from './contender.ts'

/** What each run of one contender took. */
export interface Score {
  readonly contender: Contender
  readonly seal: ProcessCost[]
  readonly open: ProcessCost[]
  /** Length of everything that sealing left, in bytes. */
  readonly sealedBytes: number[]
}

export interface ContestOptions {
  readonly folder: string
  readonly plain: string
  readonly rounds: number
  /** No round but the first begins later than this after the start, milliseconds. */
  readonly limitMs: number
  readonly signal: AbortSignal
  readonly progress: (line: string) => void
}

/**
 * Lets contenders seal and open the same file in turn, round by round, so that what disturbs the machine disturbs all of them. Each
 * round begins with another one. In the first round the opened file is compared with the original.
 */
export async function holdContest(
  contenders: readonly Contender[],
  options: ContestOptions,
): Promise<Score[]> {
  const { folder, plain, rounds, signal, progress } = options
  const scores = contenders.map((contender): Score => ({
    contender,
    seal: [],
    open: [],
    sealedBytes: [],
  }))
  const files: SealFiles = {
    plain,
    sealedFolder: join(folder, 'sealed'),
    openedFolder: join(folder, 'opened'),
  }
  const expected = await hashFile(plain)
  const startedMs = performance.now()
  for (let round = 0; round < rounds; round++) {
    if (round > 0 && performance.now() - startedMs > options.limitMs) break
    progress(`${basename(plain)}, round ${round + 1} of ${rounds}`)
    const order = [
      ...scores.slice(round % scores.length),
      ...scores.slice(0, round % scores.length),
    ]
    for (const score of order) {
      await runOnce(score, files, signal)
      if (round === 0 && (await hashFile(join(files.openedFolder, basename(plain)))) !== expected) {
        throw new Error(`${score.contender.name} opened something else than it sealed`)
      }
      await removeOutputs(files)
    }
  }
  return scores
}

async function runOnce(score: Score, files: SealFiles, signal: AbortSignal): Promise<void> {
  const { contender } = score
  await removeOutputs(files)
  await mkdir(files.sealedFolder)
  await mkdir(files.openedFolder)
  await contender.prepare?.(files, signal)
  score.seal.push(await measureProcess(contender.seal(files), signal))
  score.sealedBytes.push(await lengthOfFolder(files.sealedFolder))
  score.open.push(await measureProcess(contender.open(files), signal))
}

async function lengthOfFolder(folder: string): Promise<number> {
  let lengthBytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) lengthBytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return lengthBytes
}

async function removeOutputs({ sealedFolder, openedFolder }: SealFiles): Promise<void> {
  await rm(sealedFolder, { recursive: true, force: true })
  await rm(openedFolder, { recursive: true, force: true })
}
