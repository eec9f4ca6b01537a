import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { openWatchedPage, startBrowser, type Looks } from './browser.ts'
import { FixtureServer } from './fixture-server.ts'

const SCREENSHOTS = join(import.meta.dirname, '../../../.runtime/screenshots/explorer')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The built pages on fixed answers, and Chromium to look at them. */
export class FixtureSite {
  readonly server = new FixtureServer()
  readonly paths
  #browser: Browser | null = null
  #base = ''

  constructor() {
    const [object] = this.server.data.objects
    const [receipt] = this.server.data.receipts
    this.paths = {
      overview: '/',
      records: '/records',
      objects: '/objects',
      object: `/objects/${object!.clientId}/${object!.objectId}`,
      nodes: '/nodes',
      node: '/nodes/6',
      ships: '/ships',
      ship: '/ships/1',
      ratings: '/ratings',
      transactions: '/transactions',
      transaction: `/transactions/${receipt!.position.transactionHash}`,
      search: '/search?q=A0',
      intruder: '/intruder',
      nowhere: '/no/such/page',
    }
  }

  get base(): string {
    return this.#base
  }

  get browser(): Browser {
    if (this.#browser === null) throw new Error('start: expected to be called first')
    return this.#browser
  }

  async start(): Promise<void> {
    await mkdir(SCREENSHOTS, { recursive: true })
    this.#browser = await startBrowser()
    this.#base = await this.server.start()
  }

  async stop(): Promise<void> {
    await this.#browser?.close()
    await this.server.stop()
  }

  /** Opens a page, does something there, and then no error may have been noted. */
  async visit(path: string, act: (page: Page) => Promise<void>, looks: Looks = {}): Promise<void> {
    const { page, errors, close } = await openWatchedPage(this.browser, looks)
    try {
      await page.goto(this.#base + path, { waitUntil: 'load' })
      await page.locator('h1').waitFor()
      await act(page)
      expect(errors, path).to.deep.equal([])
    } finally {
      await close()
    }
  }
}

export type PageName = keyof FixtureSite['paths']

/** Waits until everything asked for is answered and drawn. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
}

/** Writes what a page looks like, whole, for review. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
}

/** What axe finds that keeps readers out. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // Evaluated and not added as a script: the pages' policy lets no foreign script in.
  await page.evaluate(axe)
  // Rows of a table are alike, and looking at every one takes most of the time.
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run({ exclude: [['.data tbody tr:nth-child(n + 9)']] })`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/**
 * Waits until an expression holds in a page, looking at every frame. Playwright's own `waitForFunction` evaluates the expression anew at
 * each look, which a policy without `unsafe-eval` refuses from the second on.
 */
export async function holds(page: Page, expression: string): Promise<void> {
  const hasHeld = await page.evaluate<boolean>(`new Promise((resolve, reject) => {
    let frames = 0
    const look = () => {
      try {
        if (${expression}) resolve(true)
        else if (++frames === ${MOST_FRAMES}) resolve(false)
        else requestAnimationFrame(look)
      } catch (error) {
        reject(error)
      }
    }
    look()
  })`)
  if (!hasHeld) throw new Error(`after ${MOST_FRAMES} frames it did not hold: ${expression}`)
}

/** At 60 frames a second half a minute, on a busy machine more. */
const MOST_FRAMES = 1800

/** Far more than a page needs to lay itself out anew. */
const LAYOUT_FRAMES = 60

/** Pixels by which a page stays wider than its window. */
export async function excessWidth(page: Page): Promise<number> {
  const atNextFrame = `new Promise((resolve) =>
    requestAnimationFrame(() => resolve(document.documentElement.scrollWidth - innerWidth)))`
  let excess = await page.evaluate<number>(atNextFrame)
  for (let frame = 1; excess > 0 && frame < LAYOUT_FRAMES; frame++) {
    excess = await page.evaluate<number>(atNextFrame)
  }
  return excess
}
