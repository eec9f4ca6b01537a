import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { AxeResults } from 'axe-core'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { openWatchedPage, startBrowser, type Looks } from './kit/browser.ts'
import { HOSTILE_NAME } from './kit/fixture-data.ts'
import { FixtureServer } from './kit/fixture-server.ts'

const SCREENSHOTS = join(import.meta.dirname, '../../.runtime/screenshots/explorer')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const MOST_FIRST_PAGE_BYTES = 250_000

const server = new FixtureServer()
const [object] = server.data.objects
const [receipt] = server.data.receipts
const PAGES = {
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
type PageName = keyof typeof PAGES
const SHOWN_IN_EVERY_STATE = new Set<PageName>(['overview', 'records', 'node', 'object'])
const PAGE_NAMES = Object.keys(PAGES) as PageName[]

describe('pages of the explorer', () => {
  let browser: Browser
  let base = ''

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    browser = await startBrowser()
    base = await server.start()
  })
  after(async () => {
    await browser.close()
    await server.stop()
  })
  beforeEach(() => {
    server.mode = 'full'
  })

  /** Opens a page, does something there, and then no error may have been noted. */
  async function visit(name: PageName, act: (page: Page) => Promise<void>, looks: Looks = {}) {
    const { page, errors, close } = await openWatchedPage(browser, looks)
    try {
      await page.goto(base + PAGES[name], { waitUntil: 'load' })
      await page.locator('h1').waitFor()
      await act(page)
      expect(errors, name).to.deep.equal([])
    } finally {
      await close()
    }
  }

  const settled = (page: Page) => page.locator('.skeleton').first().waitFor({ state: 'detached' })
  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })

  async function seriousFaults(page: Page): Promise<string[]> {
    // Evaluated and not added as a script: the pages' policy lets no foreign script in.
    await page.evaluate(axe)
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }

  const LOOKS: { name: string; looks: Looks }[] = [
    { name: 'desktop-light-en', looks: {} },
    { name: 'phone-dark-zh', looks: { width: 390, scheme: 'dark', locale: 'zh-CN' } },
  ]

  for (const name of PAGE_NAMES) {
    for (const { name: look, looks } of LOOKS) {
      it(`${name} opens without an error, fits its width, and has no serious fault for its readers: ${look}`, async () => {
        await visit(
          name,
          async (page) => {
            await settled(page)
            expect(await page.locator('h1').count()).to.equal(1)
            expect(await page.title()).to.contain('Orlop')
            await shoot(page, `${name}.${look}`)
            const excess = 'document.documentElement.scrollWidth - innerWidth'
            expect(await page.evaluate<number>(excess), 'pixels too wide').to.be.at.most(0)
            expect(await seriousFaults(page)).to.deep.equal([])
          },
          looks,
        )
      })
    }

    it(`${name} shows an empty ledger, a wait, a failure and an answer it does not know without an error of its own`, async () => {
      server.mode = 'empty'
      await visit(name, async (page) => {
        for (const mode of ['empty', 'failing', 'broken', 'loading'] as const) {
          server.mode = mode
          await page.reload()
          await page.locator('h1').waitFor()
          if (mode !== 'loading') await settled(page)
          if (SHOWN_IN_EVERY_STATE.has(name)) await shoot(page, `${name}.${mode}`)
        }
      })
    })
  }

  it('says what failed and works again when asked to', async () => {
    server.mode = 'failing'
    await visit('nodes', async (page) => {
      const alert = page.getByRole('alert')
      await alert.getByText('The index is closed for repair').waitFor()
      server.mode = 'full'
      await alert.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('link', { name: 'A03' }).waitFor()
      expect(await alert.count()).to.equal(0)
    })
  })

  it('says that an answer has a form it does not know', async () => {
    server.mode = 'broken'
    await visit('ships', (page) => page.getByText('in a form this page does not know').waitFor())
  })

  it('says that a thing is not on the ledger', async () => {
    await visit('overview', async (page) => {
      await page.goto(`${base}/nodes/99`)
      await page.getByText('There is no node 99 on this ledger.').waitFor()
    })
  })

  it('shows a record that arrives while the page is open', async () => {
    await visit('overview', async (page) => {
      const live = page.getByRole('region', { name: 'Live records' })
      await live.getByRole('row').nth(1).waitFor()
      const blockHash = `0x${'cd'.repeat(32)}`
      const arrived = {
        ...receipt!,
        sequence: 4711,
        clientName: 'JUST ARRIVED',
        position: { ...receipt!.position, blockHash },
      }
      server.data.receipts.unshift(arrived)
      server.announce({ name: 'record', data: arrived })
      await live.getByRole('link', { name: 'JUST ARRIVED' }).waitFor()
      server.data.receipts.shift()
    })
  })

  it('shows names that strangers registered as text and nothing else', async () => {
    await visit('ships', async (page) => {
      await page.getByRole('link', { name: HOSTILE_NAME }).click()
      await page.getByRole('heading', { level: 1, name: HOSTILE_NAME }).waitFor()
      expect(await page.locator('img').count()).to.equal(0)
    })
  })

  it('speaks the language that its reader chose, also at the next visit', async () => {
    await visit('overview', async (page) => {
      await page.getByLabel('Language').selectOption('zh-CN')
      await page.getByRole('heading', { level: 1, name: '网络现况' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { level: 1, name: '网络现况' }).waitFor()
      expect(await page.evaluate<string>('document.documentElement.lang')).to.equal('zh-CN')
    })
  })

  it('turns dark when its reader chose so, whatever the system says', async () => {
    await visit('overview', async (page) => {
      await page.getByLabel('Colours').selectOption('dark')
      await page.reload()
      await page.locator('h1').waitFor()
      const colour = 'getComputedStyle(document.body).backgroundColor'
      expect(await page.evaluate<string>(colour)).to.equal('rgb(11, 21, 26)')
    })
  })

  it('sorts by keyboard and tells in which order', async () => {
    await visit('nodes', async (page) => {
      const header = page.getByRole('columnheader', { name: 'Credit' })
      await header.getByRole('button').focus()
      await page.keyboard.press('Enter')
      expect(await header.getAttribute('aria-sort')).to.equal('descending')
      await page.keyboard.press('Enter')
      expect(await header.getAttribute('aria-sort')).to.equal('ascending')
      const lowest = Math.min(...server.data.nodes.map((node) => node.creditMillionths))
      const first = server.data.nodes.find((node) => node.creditMillionths === lowest)
      expect(await page.getByRole('row').nth(1).innerText()).to.contain(first?.name)
    })
  })

  it('keeps filters in the address and loads more rows', async () => {
    await visit('records', async (page) => {
      await page.getByLabel('Class').selectOption('5')
      await page.waitForURL(/classCode=5/)
      await page.getByText('50 shown').waitFor()
      await page.getByRole('button', { name: 'Load more' }).click()
      await page.getByText('72 shown').waitFor()
      expect(await page.getByRole('cell', { name: 'image' }).count()).to.equal(72)
    })
  })

  it('exports every row that the filters leave, with hostile names as text', async () => {
    await visit('ships', async (page) => {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Export CSV' }).click()
      const file = await download
      expect(file.suggestedFilename()).to.equal('orlop-ships.csv')
      const chunks: Buffer[] = []
      for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString('utf8')
      expect(text.trim().split('\r\n')).to.have.length(server.data.clients.length + 1)
      expect(text).to.contain(`"${HOSTILE_NAME.replaceAll('"', '""')}"`)
    })
  })

  it('finds things from the box on every page, reached by a key', async () => {
    await visit('ratings', async (page) => {
      await page.locator('h1').click()
      await page.keyboard.press('/')
      await page.keyboard.type('pioneer')
      await page.keyboard.press('Enter')
      await page.waitForURL(/search\?q=pioneer$/)
      await page
        .getByRole('table', { name: 'Search' })
        .getByRole('link', { name: 'ORLOP PIONEER' })
        .click()
      await page.waitForURL(/\/ships\/1$/)
    })
  })

  it('draws noise from real ciphertext, of either level', async () => {
    await visit('intruder', async (page) => {
      for (const level of ['Level 1', 'Level 2']) {
        await page.getByRole('button', { name: level }).click()
        await settled(page)
        const table = page.getByRole('table', { name: 'A picture of the quay' })
        await table.getByText('7.999 bits per byte').waitFor()
      }
    })
  })

  it('loads its first page with at most 250 kB', async () => {
    const { page, close } = await openWatchedPage(browser)
    const sizes = new Map<string, Promise<number>>()
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname
      if (!path.startsWith('/v1/'))
        sizes.set(
          path,
          response.body().then((body) => gzipSync(body).length),
        )
    })
    await page.goto(base)
    await page.locator('.chart canvas').waitFor()
    const bytes = await Promise.all(sizes.values())
    await close()
    expect([...sizes.keys()].join()).to.match(/time-chart.*js/)
    expect(bytes.reduce((sum, each) => sum + each, 0)).to.be.at.most(MOST_FIRST_PAGE_BYTES)
  })
})
