import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Bench, BenchContext, BenchRow } from '../bench.ts'
import { summarize } from '../statistics.ts'
import type { BenchPage, PageFigures } from './bench-page.ts'
import { PageHost } from './page-host.ts'

const CHROMIUM = '/usr/bin/chromium'
const MIB = 2 ** 20
const TOTAL_BYTES = { full: 64 * MIB, quick: 8 * MIB }
const RUNS = { full: 3, quick: 1 }
const WAYS = { 'web workers': true, 'own thread': false } as const

type Way = keyof typeof WAYS
/** What runs in the page. */
type PageScope = typeof globalThis & { readonly orlopBench: BenchPage }

/** Sealing and opening in a web page, in web workers and in the page's own thread. */
export const pageBench: Bench = {
  name: 'page',
  measures:
    'sealing and opening 64 MiB in a page of Chromium, and how long its thread gets no turn meanwhile',
  isDefault: true,
  limitMs: 300_000,
  run: measure,
}

async function measure(context: BenchContext): Promise<BenchRow[]> {
  if (!existsSync(CHROMIUM)) {
    context.skip('page', `${CHROMIUM} is missing`)
    return []
  }
  const host = await PageHost.start()
  let browser: Browser | undefined
  try {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
    return rowsOf(await runAll(context, await openPage(browser, host.url)))
  } finally {
    await browser?.close()
    host.stop()
  }
}

async function openPage(browser: Browser, url: string): Promise<Page> {
  const page = await browser.newPage()
  await page.goto(url)
  return page
}

type Figures = Record<Way, PageFigures[]>

async function runAll(context: BenchContext, page: Page): Promise<Figures> {
  const size = context.isQuick ? 'quick' : 'full'
  const figures: Figures = { 'web workers': [], 'own thread': [] }
  for (let run = 0; run < RUNS[size]; run++) {
    for (const way of Object.keys(WAYS) as Way[]) {
      context.signal.throwIfAborted()
      context.progress(`${way}, run ${run + 1}`)
      const job = { withWorkers: WAYS[way], totalBytes: TOTAL_BYTES[size] }
      const figure = await page.evaluate(
        (given) => (globalThis as PageScope).orlopBench.measure(given),
        job,
      )
      figures[way].push(figure)
    }
  }
  return figures
}

function rowsOf(figures: Figures): BenchRow[] {
  return (['seal', 'open'] as const).flatMap((work) =>
    (Object.keys(WAYS) as Way[]).flatMap((way) => {
      const seconds = figures[way].map((figure) => figure[work].seconds)
      const blocked = figures[way].map((figure) => figure[work].blockedMs)
      return [
        summarize({ metric: `${work}, ${way}`, unit: 's', values: seconds }),
        summarize({
          metric: `${work}, ${way}: longest without a turn`,
          unit: 'ms',
          values: blocked,
        }),
      ]
    }),
  )
}
