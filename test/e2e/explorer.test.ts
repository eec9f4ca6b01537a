import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Page } from 'playwright-core'
import type { StoreResult } from '@orlop/client-sdk/index'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { sharedBrowser } from './shared-browser.ts'
import { sharedNetwork } from './shared-network.ts'

const PAGES = [
  '',
  'records',
  'objects',
  'nodes',
  'nodes/1',
  'ships',
  'ships/1',
  'ratings',
  'ratings?isCounted=false',
  'transactions',
  'transactions?heartbeats=true',
  'intruder',
]

describe('e2e: the explorer in Chromium', () => {
  let network: RealNetwork
  let page: Page | undefined
  const complaints: string[] = []

  before(async () => {
    network = await sharedNetwork()
    page = await (await sharedBrowser()).newPage({ locale: 'en-GB' })
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
  })
  after(async () => {
    await page?.close()
  })
  beforeEach(() => {
    complaints.length = 0
  })

  async function put(name: string): Promise<StoreResult> {
    const file = join(await network.folder(), name)
    await writeFile(file, sampleBytes(50_000))
    return network.cli.json('put', file, '--wait-for', 'recorded')
  }

  it('shows a record of the command line on the open page, and the ledger agrees with its strips', async () => {
    await page!.goto(network.explorerUrl)
    await page!.getByRole('heading', { level: 1, name: 'The network now' }).waitFor()
    const { objectId } = await put('seen-live.bin')
    await page!
      .getByRole('link', { name: objectId.slice('orlop:'.length, 'orlop:'.length + 6) })
      .first()
      .click()
    await page!.getByText(objectId, { exact: true }).waitFor()
    await page!.getByRole('button', { name: 'Verify now' }).click()
    await page!.getByText('All 2 receipts stand on the ledger with the roots shown.').waitFor()
    expect(complaints).to.deep.equal([])
  })

  it('opens every page on a real ledger without an error', async () => {
    await put('on-every-page.bin')
    for (const path of PAGES) {
      await page!.goto(new URL(path, network.explorerUrl).href)
      await page!.locator('h1').waitFor()
      await page!.locator('.skeleton').first().waitFor({ state: 'detached' })
      expect(await page!.getByRole('alert').count(), path).to.equal(0)
    }
    expect(complaints).to.deep.equal([])
  })
})
