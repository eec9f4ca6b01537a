import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { NOW_MS } from './fixture-data.ts'

/** A moment after the fixture's newest record, so that ages and screenshots are the same at every run. */
const SEEN_MS = NOW_MS + 18_000
const CHROMIUM = '/usr/bin/chromium'

/** @throws Error when the machine has no Chromium. */
export async function startBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`${CHROMIUM} is missing. Install it: apt-get install chromium`)
  }
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
}

export interface Looks {
  width?: number
  scheme?: 'light' | 'dark'
  locale?: string
}

/** A page of its own with what went wrong in it: errors in the console, exceptions, broken policies. */
export interface WatchedPage {
  page: Page
  errors: string[]
  close: () => Promise<void>
}

/** Opens a page that notes every error. An answer of the gateway that is a problem is no error of the page. */
export async function openWatchedPage(browser: Browser, looks: Looks = {}): Promise<WatchedPage> {
  const { width = 1440, scheme = 'light', locale = 'en-GB' } = looks
  const context = await browser.newContext({
    viewport: { width, height: width < 500 ? 844 : 900 },
    colorScheme: scheme,
    locale,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await page.clock.setFixedTime(SEEN_MS)
  const errors: string[] = []
  page.on('console', (message) => {
    const isAnswer = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isAnswer) errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('dialog', (dialog) => {
    errors.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, errors, close: () => context.close() }
}
