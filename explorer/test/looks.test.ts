import { expect } from 'chai'
import type { Locator, Page } from 'playwright-core'
import type { Looks } from './kit/browser.ts'
import { LONG_NAME, RIGHT_TO_LEFT_NAME } from './kit/fixture-data.ts'
import {
  FixtureSite,
  excessWidth,
  holds,
  settled,
  shoot,
  type PageName,
} from './kit/fixture-site.ts'

const PHONE = { width: 390 }
/** Lists are read in pages of ten cards: no page may grow with what is on the ledger. */
const LONGEST_PHONE_PAGE_PX = 7500
/** What web.dev calls good (Cumulative Layout Shift). */
const MOST_LAYOUT_SHIFT = 0.1
const WIDTHS = [320, 768, 1024, 2560]

const site = new FixtureSite()
const { server } = site
const PAGE_NAMES = Object.keys(site.paths) as PageName[]

describe('looks of the explorer', () => {
  before(() => site.start())
  after(() => site.stop())
  beforeEach(() => {
    server.mode = 'full'
  })

  const visit = (name: PageName, act: (page: Page) => Promise<void>, looks: Looks = {}) =>
    site.visit(site.paths[name], act, looks)

  for (const name of PAGE_NAMES) {
    it(`${name} never scrolls sideways, and on a phone it has an end`, async () => {
      await visit(name, async (page) => {
        await settled(page)
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 })
          expect(await excessWidth(page), `pixels too wide at ${width}`).to.be.at.most(0)
          if (width >= 2000) await shoot(page, `${name}.wide`)
        }
        await page.setViewportSize({ width: PHONE.width, height: 844 })
        const height = await page.evaluate<number>('document.documentElement.scrollHeight')
        expect(height, 'length on a phone').to.be.at.most(LONGEST_PHONE_PAGE_PX)
      })
    })
  }

  for (const name of ['overview', 'records', 'node', 'object'] as const) {
    it(`${name} hardly moves when its answers come`, async () => {
      server.mode = 'loading'
      await visit(name, async (page) => {
        await page.locator('.skeleton').first().waitFor()
        server.release()
        await settled(page)
        expect(await layoutShift(page)).to.be.at.most(MOST_LAYOUT_SHIFT)
      })
    })
  }

  it('gives every page a title of its own', async () => {
    const titles = new Set<string>()
    for (const name of PAGE_NAMES) {
      await visit(name, async (page) => {
        await settled(page)
        titles.add(await page.title())
      })
    }
    expect(titles.size).to.equal(PAGE_NAMES.length)
  })

  it('shows where the focus is, wherever it is, on a screen and on a phone', async () => {
    for (const looks of [{}, PHONE]) {
      await visit(
        'nodes',
        async (page) => {
          await settled(page)
          for (let step = 0; step < 30; step++) {
            await page.keyboard.press('Tab')
            expect(await focusFault(page), `after ${step + 1} steps`).to.equal(null)
          }
        },
        looks,
      )
    }
  })

  it('fades a table at the edge that it goes on beyond, and lets keyboards scroll it', async () => {
    await visit(
      'records',
      async (page) => {
        await settled(page)
        const frame = page.locator('.table-frame')
        await page.locator('.table-frame[data-cut="end"]').waitFor()
        await frame.focus()
        await page.keyboard.press('ArrowRight')
        await page.locator('.table-frame[data-cut="both"]').waitFor()
        await page.setViewportSize({ width: 1440, height: 900 })
        await page.locator('.table-frame[data-cut="none"]').waitFor()
        expect(await frame.getAttribute('tabindex')).to.equal(null)
      },
      { width: 800 },
    )
  })

  it('turns ten cards at a time on a phone, and keeps the head of a long table in sight on a screen', async () => {
    await visit('records', async (page) => {
      await settled(page)
      await page.mouse.wheel(0, 1200)
      await holds(page, 'scrollY > 800')
      const head = await page.getByRole('columnheader', { name: 'Ship' }).boundingBox()
      expect(head?.y).to.equal(0)
      await page.setViewportSize({ width: PHONE.width, height: 844 })
      await page.getByText('Rows 1–10; more follow').waitFor()
      for (let turn = 0; turn < 5; turn++) await page.getByRole('button', { name: 'Next' }).click()
      await page.getByText('Rows 51–60; more follow').waitFor()
      expect(await cards(page).count()).to.equal(10)
      // A new page begins at its top.
      await holds(page, `document.querySelector('.table-block').getBoundingClientRect().top >= 0`)
    })
  })

  it('sorts cards, which have no head to press', async () => {
    await visit(
      'nodes',
      async (page) => {
        await page.getByLabel('Sort by').selectOption({ label: 'Credit, ascending' })
        const lowest = Math.min(...server.data.nodes.map((node) => node.creditMillionths))
        const first = server.data.nodes.find((node) => node.creditMillionths === lowest)
        expect(await cards(page).first().innerText()).to.contain(first?.name)
      },
      PHONE,
    )
  })

  it('keeps rows one line high where a table is wider than its place', async () => {
    await visit(
      'nodes',
      async (page) => {
        await settled(page)
        for (const row of await cards(page).all()) {
          expect((await row.boundingBox())?.height).to.be.at.most(40)
        }
      },
      { width: 800 },
    )
  })

  it('keeps rows one line high, whatever a ship is called', async () => {
    await visit('objects', async (page) => {
      await settled(page)
      // The last row has no line below it.
      const rows = (await cards(page).all()).slice(0, -1)
      const heights = await Promise.all(rows.map(async (row) => (await row.boundingBox())?.height))
      expect(new Set(heights).size).to.equal(1)
      await page.getByRole('link', { name: RIGHT_TO_LEFT_NAME }).first().click()
      await page.getByRole('heading', { level: 1, name: RIGHT_TO_LEFT_NAME }).waitFor()
      await page.goto(`${site.base}/ships`)
      await page.getByTitle(LONG_NAME).click()
      await page.getByRole('heading', { level: 1, name: LONG_NAME }).waitFor()
      expect(await excessWidth(page)).to.be.at.most(0)
      await shoot(page, 'ship.long-name')
    })
  })

  it('stands still for readers who asked for that, also while it waits', async () => {
    server.mode = 'loading'
    await visit('node', async (page) => {
      await page.locator('.skeleton span').first().waitFor()
      const moving = `[...document.querySelectorAll('*')].flatMap((each) => each.getAnimations())
        .filter(({ playState }) => playState === 'running').length`
      await holds(page, `${moving} === 0`)
    })
  })

  it('copies the whole of what it shortens', async () => {
    await visit('node', async (page) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      const { account } = server.data.nodes[5]!
      await page.getByRole('button', { name: 'Copy Account' }).click()
      await page.getByRole('button', { name: 'Copied' }).waitFor()
      expect(await page.evaluate<string>('navigator.clipboard.readText()')).to.equal(account)
    })
  })

  it('says that a filter is half typed, and asks nothing that fails', async () => {
    await visit('records', async (page) => {
      await settled(page)
      await page.getByLabel('Object', { exact: true }).fill('orlop:abc')
      await page.getByText('This filters nothing yet').waitFor()
      expect(await page.getByRole('alert').count()).to.equal(0)
      const { objectId } = server.data.objects[3]!
      await page.getByLabel('Object', { exact: true }).fill(objectId)
      await page.getByText('3 shown').waitFor()
      await page.getByLabel('Ship number').fill('99')
      await page.getByText('No record fits these filters.').waitFor()
      await page.locator('.empty').getByRole('button', { name: 'Clear filters' }).click()
      await page.getByText('Rows 1–50; more follow').waitFor()
    })
  })

  it('prints an object with every value whole, exact times and where it is from', async () => {
    await visit('object', async (page) => {
      await settled(page)
      await page.emulateMedia({ media: 'print', reducedMotion: 'reduce' })
      await page.setViewportSize({ width: 720, height: 1000 })
      expect(await page.getByRole('navigation').count(), 'navigation').to.equal(0)
      expect(await page.locator('.button:visible, .copy:visible').count(), 'buttons').to.equal(0)
      await page.getByText(`Printed 2026-11-22`).waitFor()
      const printed = await page.evaluate<string[]>(
        `[...document.querySelectorAll('.data [data-whole]')].map((each) => getComputedStyle(each, '::after').content)`,
      )
      const { root, position } = server.data.objects[0]!.strips[0]!
      expect(printed).to.include(`"${root}"`).and.include(`"${position.transactionHash}"`)
      expect(printed.join()).to.contain('2026-11-22 09:41:02 UTC')
      expect(await excessWidth(page)).to.be.at.most(0)
      await shoot(page, 'object.print')
    })
  })

  it('prints every row of a table, not the page of it that was shown', async () => {
    await visit('node', async (page) => {
      await settled(page)
      const changes = page.getByRole('table', { name: 'Changes and causes' })
      expect(await changes.getByRole('row').count()).to.equal(11)
      await page.emulateMedia({ media: 'print' })
      const { length } = server.data.ratings.filter(({ nodeId }) => nodeId === 6)
      await changes.getByRole('row').nth(length).waitFor()
    })
  })
})

const cards = (page: Page): Locator => page.locator('.data tbody tr')

/** What moved by itself since the page was opened. */
function layoutShift(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    let sum = 0
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) sum += value
    }).observe({ type: 'layout-shift', buffered: true })
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)))
  })`)
}

/** What keeps a reader from seeing where the focus is; null when nothing does. */
function focusFault(page: Page): Promise<string | null> {
  return page.evaluate<string | null>(`(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return null
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const { width, height } = element.getBoundingClientRect()
    if (width < 8 || height < 8) return 'too small: ' + element.outerHTML
    if (element.closest('thead')?.offsetHeight < 8) return 'hidden: ' + element.outerHTML
    return outlineStyle === 'none' || parseFloat(outlineWidth) < 2 ? 'no outline: ' + element.outerHTML : null
  })()`)
}
