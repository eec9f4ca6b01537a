import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { openWatchedPage, type Looks } from './kit/browser.ts'
import { HOSTILE_NAME } from './kit/fixture-data.ts'
import {
  FixtureSite,
  excessWidth,
  seriousFaults,
  settled,
  shoot,
  type PageName,
} from './kit/fixture-site.ts'

const MOST_FIRST_PAGE_BYTES = 250_000

const site = new FixtureSite()
const { server } = site
const [receipt] = server.data.receipts
const SHOWN_IN_EVERY_STATE = new Set<PageName>(['overview', 'records', 'node', 'object'])
const PAGE_NAMES = Object.keys(site.paths) as PageName[]

describe('pages of the explorer', () => {
  before(() => site.start())
  after(() => site.stop())
  beforeEach(() => {
    server.mode = 'full'
  })

  const visit = (name: PageName, act: (page: Page) => Promise<void>, looks: Looks = {}) =>
    site.visit(site.paths[name], act, looks)

  const LOOKS: { name: string; looks: Looks }[] = [
    { name: 'desktop-light-en', looks: {} },
    { name: 'desktop-dark-zh', looks: { scheme: 'dark', locale: 'zh-CN' } },
    { name: 'phone-dark-zh', looks: { width: 390, scheme: 'dark', locale: 'zh-CN' } },
    { name: 'small-phone-light-en', looks: { width: 360 } },
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
            expect(await excessWidth(page), 'pixels too wide').to.be.at.most(0)
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
      await page.goto(`${site.base}/nodes/99`)
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

  it('keeps filters in the address and turns to more rows', async () => {
    await visit('records', async (page) => {
      await page.getByLabel('Class').selectOption('5')
      await page.waitForURL(/classCode=5/)
      const images = page.getByRole('cell', { name: 'image' })
      // Rows of the last answer stay until the new one is there.
      await images.nth(49).waitFor()
      await page.getByText('Rows 1–50; more follow').waitFor()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.getByText('Rows 51–72 of 72').waitFor()
      expect(await images.count()).to.equal(22)
      await page.getByRole('button', { name: 'Previous' }).click()
      await page.getByText('Rows 1–50 of 72').waitFor()
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
    const { page, close } = await openWatchedPage(site.browser)
    const sizes = new Map<string, Promise<number>>()
    page.on('response', (response) => {
      const path = new URL(response.url()).pathname
      if (!path.startsWith('/v1/'))
        sizes.set(
          path,
          response.body().then((body) => gzipSync(body).length),
        )
    })
    await page.goto(site.base)
    await page.locator('.chart canvas').waitFor()
    const bytes = await Promise.all(sizes.values())
    await close()
    expect([...sizes.keys()].join()).to.match(/time-chart.*js/)
    expect(bytes.reduce((sum, each) => sum + each, 0)).to.be.at.most(MOST_FIRST_PAGE_BYTES)
  })
})
