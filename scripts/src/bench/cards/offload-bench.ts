import { nodeBackend } from '@orlop/crypto/backends/node-backend'
import { randomBytes } from '@orlop/crypto/bytes'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { cardPartOf, openCardCipher } from '@orlop/crypto/cards/offload/card-cipher'
import type { SuiteName } from '@orlop/crypto/format/header'
import { SUITES } from '@orlop/crypto/suites/suites'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { summarize } from '../statistics.ts'
import { benchCards } from './bench-cards.ts'

const RUNS = 3
const RUN_MS = 250
const SIZES = [
  { name: '4 KiB', bytes: 4096 },
  { name: '16 KiB', bytes: 16_384 },
  { name: '64 KiB', bytes: 65_536 },
  { name: '256 KiB', bytes: 262_144 },
  { name: '1 MiB', bytes: 1_048_576 },
  { name: '4 MiB', bytes: 4_194_304 },
]

/** From which size on the way to a card costs little, by suite: `OFFLOAD_MIN_BYTES` is read off here. */
export const offloadBench: Bench = {
  name: 'offload',
  measures:
    'chunks sealed by cards, by suite and size, beside software, by processor time: from where on handing them over costs little',
  isDefault: false,
  limitMs: 300_000,
  async run(context) {
    const rows: BenchRow[] = []
    const kinds = await benchCards(context)
    try {
      for (const suite of Object.keys(SUITES) as SuiteName[]) {
        rows.push(...(await measureSoftware(context, suite)))
      }
      for (const kind of kinds.filter(({ name }) => name !== 'software')) {
        context.progress(kind.name)
        const card = await kind.open(1)
        rows.push(...(await measureCard(context, card, kind.name)))
        await card.close()
      }
    } finally {
      for (const kind of kinds) await kind.clear()
    }
    return rows
  },
}

function measureSoftware(context: BenchContext, suite: SuiteName): Promise<BenchRow[]> {
  return bySize(
    context,
    `software, ${suite}`,
    (request) => {
      const key = new Uint8Array(SUITES[suite].keyBytes)
      nodeBackend.seal({ suite, key, ...request, plaintext: [request.message] })
      return Promise.resolve()
    },
    suite,
  )
}

async function measureCard(
  context: BenchContext,
  card: CryptoCard,
  name: string,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const suite of Object.keys(SUITES) as SuiteName[]) {
    if (cardPartOf(card.info(), suite).length === 0) continue
    const cipher = await openCardCipher(card, { suite, key: randomBytes(SUITES[suite].keyBytes) })
    rows.push(
      ...(await bySize(context, `${name}, ${suite}`, (request) => cipher.seal(request), suite)),
    )
    await cipher.dispose()
  }
  return rows
}

interface ChunkRequest {
  readonly nonce: Uint8Array
  readonly additionalData: Uint8Array
  readonly message: Uint8Array
}

async function bySize(
  context: BenchContext,
  place: string,
  seal: (request: ChunkRequest) => Promise<unknown>,
  suite: SuiteName,
): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const { name, bytes } of context.isQuick ? SIZES.slice(0, 1) : SIZES) {
    const nonce = new Uint8Array(SUITES[suite].nonceBytes)
    const request = { nonce, additionalData: new Uint8Array(32), message: randomBytes(bytes) }
    const values: number[] = []
    for (let run = 0; run < (context.isQuick ? 1 : RUNS); run++) {
      context.signal.throwIfAborted()
      const perSecond = await callsPerSecond(() => seal(request), context.isQuick)
      values.push((perSecond * bytes) / 1e6)
    }
    rows.push(summarize({ metric: `${place}, ${name}`, unit: 'MB/s', values }))
  }
  return rows
}

/** By the processor's time, that of the library's threads included: a machine that others use shows by the clock what they do. */
async function callsPerSecond(call: () => Promise<unknown>, isQuick: boolean): Promise<number> {
  await call()
  const before = process.cpuUsage()
  const endMs = performance.now() + (isQuick ? 20 : RUN_MS)
  let calls = 0
  while (performance.now() < endMs) {
    await call()
    calls += 1
  }
  const { user, system } = process.cpuUsage(before)
  return (1e6 * calls) / (user + system)
}
