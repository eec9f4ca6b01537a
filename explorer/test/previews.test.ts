import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { linesOf, sentenceOf } from '../src/vault/preview/nmea/sentences.fixture.ts'
import { openWatchedPage, startBrowser, type Looks } from './kit/browser.ts'
import { excessWidth, seriousFaults } from './kit/fixture-site.ts'
import { PreviewSite, type ServedObject } from './kit/preview-site.ts'

const SCREENSHOTS = join(import.meta.dirname, '../../.runtime/screenshots/vault')
const SAMPLES = join(import.meta.dirname, '../../samples/voyage')
const MIB = 1024 * 1024

/** A PNG of one pixel that claims any size. */
function pngOf(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

/** A log of a voyage over the 180th meridian that lost its fix for a while. */
function suvaToApia(): Uint8Array {
  const lines: string[] = []
  for (let minute = 0; minute < 600; minute++) {
    const day = minute < 300 ? '220322' : '230322'
    const time = `${String((19 + Math.floor(minute / 60)) % 24).padStart(2, '0')}${String(minute % 60).padStart(2, '0')}00`
    const latitude = `${18 - Math.floor(minute / 150)}${(59 - (minute % 150) * 0.39).toFixed(3).padStart(6, '0')}`
    const east = 178.4 + minute / 120
    const longitude = east > 180 ? 360 - east : east
    const degrees = String(Math.floor(longitude)).padStart(3, '0')
    const minutes = ((longitude % 1) * 60).toFixed(3).padStart(6, '0')
    const status = minute > 200 && minute < 260 ? 'V' : 'A'
    const knots = (14 + 3 * Math.sin(minute / 40)).toFixed(1)
    const side = east > 180 ? 'W' : 'E'
    lines.push(
      sentenceOf(
        `GNRMC,${time},${status},${latitude},S,${degrees}${minutes},${side},${knots},061.0,${day},,,D`,
      ),
    )
  }
  return linesOf(
    '# bridge log',
    ...lines,
    '$GNRMC,000000,A,1800.0,S,17900.0,E,14.0,061.0,230322,,,D*00',
  )
}

describe('previews', () => {
  const site = new PreviewSite()
  let browser: Browser
  let address = ''

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    browser = await startBrowser()
    address = await site.start()
  })
  after(async () => {
    await browser.close()
    await site.stop()
  })
  beforeEach(() => {
    site.ranges.length = 0
  })

  /** Shows an object, does something there, and then no error may have been noted. */
  async function show(object: ServedObject, act: (page: Page) => Promise<void>, looks: Looks = {}) {
    site.object = object
    const { page, errors, close } = await openWatchedPage(browser, looks)
    try {
      await page.goto(address)
      await page.getByRole('region', { name: 'Preview', exact: true }).waitFor()
      await act(page)
      expect(errors, object.name).to.deep.equal([])
    } finally {
      await close()
    }
  }

  const shoot = (page: Page, name: string) =>
    page.screenshot({ path: join(SCREENSHOTS, `preview-${name}.png`), fullPage: true })

  const sample = async (name: string) => ({ name, content: await readFile(join(SAMPLES, name)) })

  /** What each kind shows once it is there. */
  const KINDS: readonly {
    readonly kind: string
    readonly object: () => Promise<ServedObject>
    readonly shown: (page: Page) => Promise<void>
  }[] = [
    {
      kind: 'text',
      object: () => sample('voyage-plan-2022-03-22.txt'),
      shown: (page) => page.getByText('VOYAGE PLAN').waitFor(),
    },
    {
      kind: 'image',
      object: () => sample('quay-photo.jpg'),
      shown: (page) => page.getByText(/1,278 × 720/).waitFor(),
    },
    {
      kind: 'track',
      object: () => sample('plaka-excerpt.nmea'),
      shown: (page) => page.locator('.preview-speed canvas').waitFor(),
    },
    {
      kind: 'track-ocean',
      object: () => Promise.resolve({ name: 'suva-apia.nmea', content: suvaToApia() }),
      shown: (page) => page.locator('.preview-speed canvas').waitFor(),
    },
    {
      kind: 'table',
      object: () =>
        Promise.resolve({
          name: 'engine.csv',
          content: `time;engine speed rpm;lube oil pressure bar;exhaust gas temp;remark\n${Array.from(
            { length: 400 },
            (_, row) =>
              `2022-03-22T${String(Math.floor(row / 60)).padStart(2, '0')}:${String(row % 60).padStart(2, '0')}Z;${(80 + (row % 20) / 10).toFixed(1)};${(4.2 + (row % 7) / 100).toFixed(2)};${330 + (row % 30)};${row % 50 === 3 ? '"filter cleaned; all well"' : ''}`,
          ).join('\n')}\n`,
        }),
      shown: (page) =>
        page.getByRole('cell', { name: 'filter cleaned; all well' }).first().waitFor(),
    },
    {
      kind: 'other',
      object: () => sample('noon-report-2022-03-22.pdf'),
      shown: (page) => page.getByText('%PDF').waitFor(),
    },
    {
      kind: 'hostile-text',
      object: () =>
        Promise.resolve({
          name: '<img src=x onerror=alert(1)>.txt',
          content: `<script>alert(1)</script>\nPay to \u202eANIHC FO KNAB\u202c today\nzero\u200bwidth \u001b[31mred\u001b[0m\n${'word '.repeat(40)}\n`,
        }),
      shown: (page) => page.getByText('‹RLO›ANIHC FO KNAB‹PDF›').waitFor(),
    },
  ]

  const LOOKS: { look: string; looks: Looks }[] = [
    { look: 'desktop-light-en', looks: {} },
    { look: 'desktop-dark-en', looks: { scheme: 'dark' } },
    { look: 'phone-dark-zh', looks: { width: 390, scheme: 'dark', locale: 'zh-CN' } },
  ]

  for (const { kind, object, shown } of KINDS) {
    for (const { look, looks } of LOOKS) {
      it(`shows ${kind} in its width and without a serious fault for its readers: ${look}`, async () => {
        await show(
          await object(),
          async (page) => {
            await shown(page)
            await shoot(page, `${kind}.${look}`)
            expect(await excessWidth(page), 'pixels too wide').to.be.at.most(0)
            expect(await seriousFaults(page)).to.deep.equal([])
          },
          looks,
        )
      })
    }
  }

  it('asks before it reads all of a long log, and then draws it while the page stays usable', async () => {
    const { content } = await sample('plaka-excerpt.nmea')
    await show({ name: 'long.nmea', content, plainBytes: 33 * MIB }, async (page) => {
      const button = page.getByRole('button', { name: 'Show the preview' })
      await button.waitFor()
      expect(site.ranges).to.deep.equal([{ start: 0, end: 256 * 1024 }])
      await button.click()
      await page.getByRole('progressbar').waitFor()
      await page.getByRole('img', { name: /Mercator chart/ }).waitFor()
      const drawn = await page.locator('.track-line').getAttribute('d')
      expect(drawn?.length).to.be.below(100_000)
    })
  })

  it('reads no more of a single line of 32 MiB than it shows', async () => {
    const object = { name: 'line.txt', content: 'x', plainBytes: 32 * MIB }
    await show(object, async (page) => {
      await page
        .getByText(
          'UTF-8 text, the first 262 kB of 33.6 MB. Longer lines are broken after 1,000 characters.',
        )
        .waitFor()
      await shoot(page, 'one-line.desktop-light-en')
    })
    expect(site.ranges).to.deep.equal([{ start: 0, end: 256 * 1024 }])
  })

  for (const [what, content, rows] of [
    ['one column', '1234567\n', null],
    ['two columns', 'time,rpm\n', 200],
  ] as const) {
    it(`shows the beginning of a million rows of ${what}`, async () => {
      const object = { name: 'rows.csv', content, plainBytes: content.length * 1_000_000 }
      await show(object, async (page) => {
        await page.getByText('UTF-8 text').waitFor()
        expect(await page.getByRole('row').count()).to.equal(rows === null ? 0 : rows + 1)
      })
      expect(site.ranges).to.deep.equal([{ start: 0, end: 256 * 1024 }])
    })
  }

  it('says in a sentence that an image claims more than a page can decode', async () => {
    await show({ name: 'bomb.png', content: pngOf(65_535, 65_535) }, async (page) => {
      await page.getByRole('alert').getByText('65,535 × 65,535 pixels').waitFor()
      expect(await page.getByRole('img').count()).to.equal(0)
      await shoot(page, 'image-bomb.desktop-light-en')
    })
  })

  it('says in a sentence that an image does not decode', async () => {
    await show({ name: 'cut.png', content: pngOf(500, 400) }, async (page) => {
      await page.getByRole('alert').getByText('does not decode').waitFor()
      expect(await page.getByRole('img').count()).to.equal(0)
    })
  })

  it('decodes an image from a blob of the type that was determined', async () => {
    await show(await sample('quay-photo.jpg'), async (page) => {
      const image = page.getByRole('img', { name: 'quay-photo.jpg' })
      await image.waitFor()
      const size = 'document.querySelector("img").naturalWidth'
      expect(await page.evaluate<number>(size)).to.equal(1278)
    })
  })

  it('shows bytes that are no text of their encoding, and a NUL after the beginning', async () => {
    const content = Buffer.concat([
      Buffer.from('good text\n'.repeat(8000)),
      Buffer.from([0xff, 0x20, 0]),
    ])
    await show({ name: 'mixed.txt', content }, async (page) => {
      await page.getByText('In one place the bytes are no text of this encoding').waitFor()
      await page.getByText('One invisible character is shown by number').waitFor()
      const text = await page.getByRole('region', { name: 'Content of mixed.txt' }).textContent()
      expect(text?.slice(-10)).to.equal('\ufffd ‹U+0000›')
    })
  })

  for (const [what, character] of [
    ['marks upon one letter', '\u0301'],
    ['changes of direction', '\u0627\u202b'],
  ] as const) {
    it(`lays out a line of nothing but ${what}`, async () => {
      const content = `a${character.repeat(150_000)}`
      await show({ name: 'slow.txt', content }, async (page) => {
        await page.getByText('Longer lines are broken').waitFor()
        expect(
          await page.evaluate<number>('document.querySelector("pre").scrollHeight'),
        ).to.be.above(0)
      })
    })
  }

  it('shows a page of HTML and an SVG as the text they are', async () => {
    for (const content of [
      '<!doctype html><script>document.title = "ran"</script><img src=x onerror="alert(1)">',
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    ]) {
      await show({ name: 'page', content }, async (page) => {
        await page.getByText(content).waitFor()
        expect(await page.locator('iframe, object, embed, img').count()).to.equal(0)
        expect(await page.title()).not.to.equal('ran')
      })
    }
  })

  it('tells the speed at the time that is pointed at', async () => {
    await show({ name: 'suva-apia.nmea', content: suvaToApia() }, async (page) => {
      await page.locator('.preview-speed .u-over').hover({ position: { x: 300, y: 80 } })
      const tip = page.locator('.chart-tip')
      await tip.waitFor()
      expect(await tip.innerText()).to.match(/^1\d\.\d kn\s+2022-03-2[23] \d\d:\d\d:00 UTC$/)
    })
  })

  it('says that a log has no position', async () => {
    const content = linesOf(...Array.from({ length: 20 }, () => sentenceOf('HEHDT,224.4,T')))
    await show({ name: 'heading.nmea', content }, async (page) => {
      await page.getByText('there is no track to draw').waitFor()
      await page.getByText('none with a fix').waitFor()
      await shoot(page, 'track-none.desktop-light-en')
    })
  })

  it('says that a file is empty', async () => {
    await show({ name: 'empty', content: '' }, (page) =>
      page.getByText('The file is empty.').waitFor(),
    )
  })

  it('says what failed, and shows the file when asked again', async () => {
    const object: ServedObject = { name: 'plan.txt', content: 'VOYAGE PLAN', isAway: true }
    await show(object, async (page) => {
      const alert = page.getByRole('alert')
      await alert.waitFor()
      await shoot(page, 'failed.desktop-light-en')
      object.isAway = false
      await alert.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('VOYAGE PLAN').waitFor()
      expect(await alert.count()).to.equal(0)
    })
  })
})
