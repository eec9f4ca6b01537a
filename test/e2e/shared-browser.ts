import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

let shared: Promise<Browser> | null = null

/** One Chromium, Debian's, for every test that drives pages; each takes a profile of its own in it. */
export function sharedBrowser(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) throw new Error(`${CHROMIUM} is missing: apt-get install chromium`)
  shared ??= chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  return shared
}

// At the root of the run: this module is imported while mocha reads the test files.
after(async () => {
  await (await shared)?.close()
})
