import { type CardAlgorithm, CIPHERS } from '@orlop/crypto/cards/algorithms'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardPool } from '@orlop/crypto/cards/pool/card-pool'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { summarize } from '../statistics.ts'
import { type BenchCard, benchCards } from './bench-cards.ts'

const RUNS = 3
const RUN_MS = 250
const SESSIONS = [1, 2, 4, 8]
const SIZES = [
  { name: '1 KiB', bytes: 1024 },
  { name: '64 KiB', bytes: 65_536 },
  { name: '1 MiB', bytes: 1_048_576 },
]
/** Those that some card has in hardware's place; software has all. */
const MEASURED_CIPHERS = ['aes-256-gcm', 'sm4-cbc'] as const
const SIGNATURES = ['ecdsa-p256-sha256', 'sm2-sm3'] as const

/** Cards by each driver, with one and several sessions, beside the software card. */
export const cardsBench: Bench = {
  name: 'cards',
  measures:
    'ciphers and signatures of cards by driver, size and number of sessions: software, SoftHSM by PKCS #11, the test device by GM/T 0018',
  isDefault: false,
  limitMs: 600_000,
  async run(context) {
    const rows: BenchRow[] = []
    const kinds = await benchCards(context)
    try {
      for (const kind of kinds) rows.push(...(await measureKind(context, kind)))
    } finally {
      for (const kind of kinds) await kind.clear()
    }
    return rows
  },
}

async function measureKind(context: BenchContext, kind: BenchCard): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const sessions of context.isQuick ? [1] : SESSIONS) {
    context.progress(`${kind.name}, ${String(sessions)} sessions`)
    const card = await kind.open(sessions)
    try {
      rows.push(...(await measureCard(context, card, { name: kind.name, sessions })))
    } finally {
      await card.close()
    }
  }
  rows.push(...(await measurePool(context, kind)))
  return rows
}

interface Place {
  readonly name: string
  readonly sessions: number
}

async function measureCard(
  context: BenchContext,
  card: CryptoCard,
  { name, sessions }: Place,
): Promise<BenchRow[]> {
  const has = (algorithm: CardAlgorithm) => card.info().algorithms.includes(algorithm)
  const rows: BenchRow[] = []
  for (const algorithm of MEASURED_CIPHERS.filter(has)) {
    for (const { name: size, bytes } of SIZES) {
      const rates = await repeat(context, sessions, await cipherCall(card, algorithm, bytes))
      const metric = `${name}, ${algorithm}, ${size}`
      rows.push(...rowsOf(rates, { metric, sessions, unit: 'MB/s', factor: bytes / 1e6 }))
    }
  }
  for (const algorithm of SIGNATURES.filter(has)) {
    const call = await signatureCall(card, algorithm)
    const rates = await repeat(context, sessions, call)
    const metric = `${name}, ${algorithm}, sign`
    rows.push(...rowsOf(rates, { metric, sessions, unit: '/s', factor: 1 }))
  }
  return rows
}

/** Two cards of two sessions in a pool: what its scheduling costs, and that it uses both. */
async function measurePool(context: BenchContext, kind: BenchCard): Promise<BenchRow[]> {
  const pool = new CardPool({
    name: 'bench',
    defaultQuota: { maxConcurrent: 64, maxWaiting: 4096 },
  })
  for (const name of ['first', 'second']) {
    pool.add({ name, maxConcurrent: 2, open: () => kind.open(2, name) })
  }
  try {
    const algorithms = ['sha256'] as const
    const request = { appId: 'bench', algorithms }
    const call = () =>
      pool.run(request, async (card) => {
        await card.random(32)
      })
    const rates = await repeat(context, 4, call)
    const metric = `${kind.name}, pool of 2 cards, random of 32 bytes`
    return rowsOf(rates, { metric, sessions: 4, unit: '/s', factor: 1 })
  } finally {
    await pool.close()
  }
}

async function cipherCall(
  card: CryptoCard,
  algorithm: (typeof MEASURED_CIPHERS)[number],
  bytes: number,
): Promise<() => Promise<unknown>> {
  const { key: type, ivBytes } = CIPHERS[algorithm]
  const key = await card.generateKey({ type })
  const request = { algorithm, key, iv: new Uint8Array(ivBytes), data: new Uint8Array(bytes) }
  return () => card.encrypt(request)
}

async function signatureCall(
  card: CryptoCard,
  algorithm: (typeof SIGNATURES)[number],
): Promise<() => Promise<unknown>> {
  const message = new Uint8Array(64)
  const stored = algorithm === 'sm2-sm3' ? await card.storedKey({ use: 'sign', name: '1' }) : null
  if (stored !== null) return () => card.sign({ algorithm, key: stored.key, message })
  const type = algorithm === 'sm2-sm3' ? 'sm2' : 'p256'
  const { privateKey: key } = await card.generateKeyPair({ type })
  return () => card.sign({ algorithm, key, message })
}

/** Calls per second of one run. */
interface Rate {
  readonly byClock: number
  /** By processor time, the library's threads included: it changes little when other programs run. */
  readonly byProcessor: number
}

function rowsOf(
  rates: readonly Rate[],
  {
    metric,
    sessions,
    unit,
    factor,
  }: {
    readonly metric: string
    readonly sessions: number
    readonly unit: string
    readonly factor: number
  },
): BenchRow[] {
  const byClock = summarize({
    metric: `${metric}, ${String(sessions)} at a time`,
    unit,
    values: rates.map((rate) => rate.byClock * factor),
  })
  if (sessions > 1) return [byClock]
  const byProcessor = summarize({
    metric: `${metric}, by processor time`,
    unit,
    values: rates.map((rate) => rate.byProcessor * factor),
  })
  return [byClock, byProcessor]
}

/** Calls again and again, so many at a time. */
async function repeat(
  context: BenchContext,
  concurrency: number,
  call: () => Promise<unknown>,
): Promise<Rate[]> {
  const rates: Rate[] = []
  await call()
  for (let run = 0; run < (context.isQuick ? 1 : RUNS); run++) {
    context.signal.throwIfAborted()
    const before = process.cpuUsage()
    const startedMs = performance.now()
    const endMs = startedMs + (context.isQuick ? 1 : RUN_MS)
    let calls = 0
    const work = async () => {
      while (performance.now() < endMs) {
        await call()
        calls++
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work))
    const { user, system } = process.cpuUsage(before)
    rates.push({
      byClock: (1000 * calls) / (performance.now() - startedMs),
      byProcessor: (1e6 * calls) / (user + system),
    })
  }
  return rates
}
