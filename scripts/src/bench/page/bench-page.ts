import { randomBytes } from '@orlop/crypto/bytes'
import { ChunkTable } from '@orlop/crypto/format/chunk-table'
import { DEFAULT_CHUNK_BYTES, encodeHeader } from '@orlop/crypto/format/header'
import { commitHeader } from '@orlop/crypto/keys/commitment'
import { blobSource } from '@orlop/client-sdk/browser'
import { ownWorker, pageCrews } from '@orlop/client-sdk/browser/page-crews'
import type { OwnCrews } from '@orlop/client-sdk/pipeline/crews'
import { openPipeline, type PlainRange } from '@orlop/client-sdk/pipeline/open-pipeline'
import { sealPipeline, type SealSummary } from '@orlop/client-sdk/pipeline/seal-pipeline'
import { streamSource } from '@orlop/client-sdk/pipeline/stream-source'
import { silentLogger } from '@orlop/protocol/logger'

/** What the page offers to the bench that drives it. */
export interface BenchPage {
  measure(job: PageJob): Promise<PageFigures>
}

export interface PageJob {
  readonly withWorkers: boolean
  readonly totalBytes: number
}

export interface PageFigures {
  readonly seal: PageFigure
  readonly open: PageFigure
}

export interface PageFigure {
  readonly seconds: number
  /** Longest time in which the page's thread got no turn. */
  readonly blockedMs: number
}

const PIECE_BYTES = 1024 * 1024

const page: BenchPage = {
  async measure({ withWorkers, totalBytes }) {
    const crews = pageCrews({ worker: withWorkers ? ownWorker : null, logger: refusing })
    try {
      // The first object pays for starting workers and compiling, in both ways.
      await sealAndOpen(crews, randomBlob(4 * PIECE_BYTES))
      return await sealAndOpen(crews, randomBlob(totalBytes))
    } finally {
      await crews.stop()
    }
  },
}

/** A page that fell back to its own thread would be measured as if it had workers. */
const refusing = {
  ...silentLogger,
  warn(_: object, message: string) {
    throw new Error(message)
  },
}

async function sealAndOpen(crews: OwnCrews, plain: Blob): Promise<PageFigures> {
  const dataKey = randomBytes(32)
  const keys = { dataKey, headerBytes: headerFor(dataKey), crews }
  const pieces: Blob[] = []
  let summary: SealSummary | null = null
  const seal = await timed(async () => {
    const source = await blobSource(plain)
    if (!('stream' in source)) throw new TypeError('source: expected a stream')
    summary = await sealPipeline({
      ...keys,
      source: streamSource(source.stream, plain.size),
      compression: { codec: 'stored', level: 1 },
      sink: {
        write(sealed) {
          pieces.push(new Blob([sealed]))
          return Promise.resolve()
        },
      },
    })
  })
  const open = await timed(() => openAll(keys, new Blob(pieces), summary))
  return { seal, open }
}

async function openAll(
  keys: {
    readonly dataKey: Uint8Array
    readonly headerBytes: Uint8Array
    readonly crews: OwnCrews
  },
  sealed: Blob,
  summary: SealSummary | null,
): Promise<void> {
  if (summary === null) throw new TypeError('summary: expected an object that was sealed')
  const { plainBytes, sealedChunkBytes, plainSha256, root: sealedRoot } = summary
  const table = new ChunkTable({ plainBytes, sealedChunkBytes, chunkBytes: DEFAULT_CHUNK_BYTES })
  const fetch = (range: PlainRange) => slicesOf(sealed, range)
  let openedBytes = 0
  for await (const piece of openPipeline({ ...keys, table, plainSha256, sealedRoot, fetch })) {
    openedBytes += piece.length
  }
  if (openedBytes !== plainBytes) throw new Error(`opened ${openedBytes} of ${plainBytes} bytes`)
}

async function* slicesOf(blob: Blob, { start, end }: PlainRange): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += PIECE_BYTES) {
    yield new Uint8Array(await blob.slice(at, Math.min(end, at + PIECE_BYTES)).arrayBuffer())
  }
}

function randomBlob(totalBytes: number): Blob {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let at = 0; at < totalBytes; at += PIECE_BYTES) pieces.push(randomBytes(PIECE_BYTES))
  return new Blob(pieces)
}

function headerFor(dataKey: Uint8Array): Uint8Array {
  const header = commitHeader(dataKey, {
    objectId: randomBytes(32),
    suite: 'aes-256-gcm',
    level: 2,
    chaosProfile: 'wide',
    chunkBytes: DEFAULT_CHUNK_BYTES,
    k: 1,
    m: 1,
    stripeShareBytes: 64 * 1024,
    salt: randomBytes(32),
  })
  return encodeHeader(header)
}

/** Times work, and beside it how long a timer of 1 ms was kept waiting at most (browsers make at least 4 ms of it). */
async function timed(work: () => Promise<void>): Promise<PageFigure> {
  const startMs = performance.now()
  let lastMs = startMs
  let blockedMs = 0
  const look = () => {
    const nowMs = performance.now()
    blockedMs = Math.max(blockedMs, nowMs - lastMs)
    lastMs = nowMs
  }
  const timer = setInterval(look, 1)
  try {
    await work()
  } finally {
    clearInterval(timer)
  }
  look()
  return { seconds: (performance.now() - startMs) / 1000, blockedMs }
}

Object.assign(globalThis, { orlopBench: page })
