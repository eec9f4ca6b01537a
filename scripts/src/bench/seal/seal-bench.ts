import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bar, Bench, BenchContext, BenchRow } from '../bench.ts'
import type { ProcessCost } from '../measure-process.ts'
import { ratios, summarize } from '../statistics.ts'
import { age } from './age.ts'
import type { Contender, Peer } from './contender.ts'
import { holdContest, type Score } from './contest.ts'
import type { SealWork } from './job.ts'
import { ORLOP_WAYS, orlopContender, type OrlopWay } from './orlop.ts'
import { rclone } from './rclone.ts'
import { restic } from './restic.ts'
import { writeBitmap, writeNmeaLog, writeRandom } from './test-data.ts'

const MIB = 1024 ** 2
const QUICK_BYTES = 16 * MIB
const PEERS: readonly Peer[] = [age, restic, rclone]

interface TestData {
  readonly name: string
  readonly fileName: string
  readonly lengthBytes: number
  readonly rounds: number
  readonly limitMs: number
  readonly ways: readonly OrlopWay[]
  readonly peers: readonly Peer[]
  readonly write: (path: string, lengthBytes: number) => Promise<void>
  /** What sealing by default may take, as a multiple of a peer's wall time. */
  readonly bars: Readonly<Record<string, Bar>>
}

const HALF: Bar = { atMost: 0.5 }
const SMALLER = {
  lengthBytes: 128 * MIB,
  rounds: 3,
  limitMs: 100_000,
  ways: ORLOP_WAYS,
  peers: PEERS,
}
const DATA: readonly TestData[] = [
  {
    name: 'random',
    fileName: 'random.bin',
    lengthBytes: 512 * MIB,
    rounds: 5,
    limitMs: 180_000,
    ways: ORLOP_WAYS.filter(({ suite }) => suite === 'aes-256-gcm'),
    peers: PEERS,
    write: writeRandom,
    bars: { age: { atMost: 2 }, restic: HALF, rclone: HALF },
  },
  {
    ...SMALLER,
    name: 'random, every suite',
    fileName: 'random.bin',
    peers: [],
    write: writeRandom,
    bars: {},
  },
  {
    ...SMALLER,
    name: 'text',
    fileName: 'voyage.nmea',
    write: writeNmeaLog,
    bars: { restic: HALF, rclone: HALF },
  },
  {
    ...SMALLER,
    name: 'image',
    fileName: 'raster.bmp',
    write: writeBitmap,
    bars: { restic: HALF, rclone: HALF },
  },
]

/** Sealing a file to a file, and opening it, beside programs that people use for that. */
export const sealBench: Bench = {
  name: 'seal',
  measures:
    'a file sealed to a file and opened again, whole processes, in turn with age, restic and rclone crypt',
  isDefault: true,
  limitMs: 600_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  const { folder, signal } = context
  const found = new Map<Peer, Contender>()
  for (const peer of PEERS) {
    const contender = await peer.find(folder, signal)
    if (contender === null) context.skip(peer.name, 'not installed')
    else found.set(peer, contender)
  }
  const rows: BenchRow[] = []
  for (const data of DATA) {
    const ways = data.ways.map((way) => orlopContender(way, folder))
    const peers = data.peers.filter((peer) => found.has(peer))
    const others = peers.map((peer) => found.get(peer)).filter((one) => one !== undefined)
    const scores = await contest(context, data, [...ways, ...others])
    const ours = scores[0]
    for (const [at, { name }] of peers.entries()) {
      const score = scores[ways.length + at]
      if (ours !== undefined && score !== undefined) {
        rows.push(...ratioRows(data, ours, { name, score }))
      }
    }
    rows.push(...scores.flatMap((score) => costRows(data, score)))
    rows.push(...scores.slice(0, 1).flatMap((score) => workRows(data, score)))
  }
  return rows
}

async function contest(
  context: BenchContext,
  data: TestData,
  contenders: readonly Contender[],
): Promise<Score[]> {
  const folder = join(context.folder, 'contest')
  await mkdir(folder)
  const plain = join(folder, data.fileName)
  context.progress(`writing ${data.fileName}`)
  await data.write(plain, context.isQuick ? QUICK_BYTES : data.lengthBytes)
  try {
    const rounds = context.isQuick ? 1 : data.rounds
    return await holdContest(contenders, { ...context, ...data, folder, plain, rounds })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const wallOf = ({ wallSeconds }: ProcessCost) => wallSeconds
const cpuOf = ({ cpuSeconds }: ProcessCost) => cpuSeconds

function workOf(costs: readonly ProcessCost[]): SealWork[] {
  return costs.map(({ output }) => JSON.parse(output) as SealWork)
}

/** The default way of sealing against one peer, run by run. */
function ratioRows(
  data: TestData,
  ours: Score,
  { name, score }: { name: string; score: Score },
): BenchRow[] {
  const bar = data.bars[name]
  const metric = (what: string) => `${data.name}: ${what}, ${ours.contender.name} ÷ ${name}`
  const sealWall = ratios(ours.seal.map(wallOf), score.seal.map(wallOf))
  const work = workOf(ours.seal).map(({ wallSeconds }) => wallSeconds)
  return [
    summarize({
      metric: metric('seal wall'),
      unit: '×',
      values: sealWall,
      ...(bar === undefined ? {} : { bar }),
    }),
    summarize({
      metric: metric('seal wall without our start'),
      unit: '×',
      values: ratios(work, score.seal.map(wallOf)),
    }),
    summarize({
      metric: metric('seal CPU'),
      unit: '×',
      values: ratios(ours.seal.map(cpuOf), score.seal.map(cpuOf)),
    }),
    summarize({
      metric: metric('open wall'),
      unit: '×',
      values: ratios(ours.open.map(wallOf), score.open.map(wallOf)),
    }),
  ]
}

function costRows({ name }: TestData, score: Score): BenchRow[] {
  const { contender, seal, open, sealedBytes } = score
  const row = (what: string, values: number[], unit = 's') =>
    summarize({ metric: `${name}: ${what}, ${contender.name}`, unit, values })
  return [
    row(
      'sealed',
      sealedBytes.map((bytes) => bytes / MIB),
      'MiB',
    ),
    row('seal wall', seal.map(wallOf)),
    row('seal CPU', seal.map(cpuOf)),
    row('open wall', open.map(wallOf)),
    row('open CPU', open.map(cpuOf)),
  ]
}

/** The same runs without the start of the process, as a program that runs already sees it. */
function workRows({ name }: TestData, { contender, seal, open }: Score): BenchRow[] {
  const row = (what: string, values: number[], unit = 's') =>
    summarize({ metric: `${name}: ${what}, in process, ${contender.name}`, unit, values })
  return [
    row(
      'seal wall',
      workOf(seal).map((done) => done.wallSeconds),
    ),
    row(
      'seal CPU',
      workOf(seal).map((done) => done.cpuSeconds),
    ),
    row(
      'seal peak memory',
      workOf(seal).map((done) => done.memoryMiB),
      'MiB',
    ),
    row(
      'open wall',
      workOf(open).map((done) => done.wallSeconds),
    ),
    row(
      'open peak memory',
      workOf(open).map((done) => done.memoryMiB),
      'MiB',
    ),
  ]
}
