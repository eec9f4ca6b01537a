import { expect } from 'chai'
import type { Page } from 'playwright-core'
import { FixtureSite, excessWidth, seriousFaults, settled, shoot } from './kit/fixture-site.ts'
import { HOSTILE_NAME } from './kit/fixture-data.ts'
import { transactionsOf } from './kit/fixture-history.ts'

const site = new FixtureSite()
const { server } = site

describe('pages of the ledger’s history', () => {
  before(() => site.start())
  after(() => site.stop())
  beforeEach(() => {
    server.mode = 'full'
  })

  const rows = (page: Page, table: string) =>
    page.getByRole('table', { name: table }).getByRole('row')

  it('lists ratings that did not count with the reason, and what node and steward did about others', async () => {
    await site.visit('/ratings', async (page) => {
      await settled(page)
      const ratings = rows(page, 'Ratings, newest first')
      const uncounted = ratings.filter({ hasText: 'Did not count' })
      expect(await uncounted.innerText()).to.match(/beyond four a day of this kind/)
      expect(await ratings.filter({ hasText: 'Taken back' }).innerText()).to.contain(HOSTILE_NAME)
      const dismissed = ratings.filter({ hasText: 'Objection dismissed' })
      expect(await dismissed.innerText()).to.contain('The link was up.')
      expect(await ratings.filter({ hasText: 'the node keeps its reasons' }).count()).to.equal(2)
      expect(await page.locator('main img').count(), 'made of a reason').to.equal(0)
      await page.getByLabel('Counts').selectOption('false')
      await page.waitForURL(/isCounted=false/)
      await ratings.nth(2).waitFor({ state: 'detached' })
      expect(await uncounted.count()).to.equal(1)
    })
  })

  it('leads from a node to all its ratings', async () => {
    await site.visit('/nodes/1', async (page) => {
      await page.getByRole('link', { name: 'All ratings of this node' }).click()
      await page.waitForURL(/ratings\?nodeId=1$/)
      await rows(page, 'Ratings, newest first').nth(1).waitFor()
      const names = await page
        .getByRole('cell')
        .getByRole('link', { name: /^A0\d$/ })
        .allInnerTexts()
      expect([...new Set(names)]).to.deep.equal(['A01'])
    })
  })

  it('tells the history of a node, with what it said before and the steward’s reasons', async () => {
    await site.visit('/nodes/7', async (page) => {
      const history = page.getByRole('region', { name: 'History' })
      await history.getByRole('row').nth(4).waitFor()
      const told = await history.getByRole('row').allInnerTexts()
      expect(told[1]).to.match(/Draining.*dry dock until March/s)
      expect(told[2]).to.match(/Changed what it says of itself.*Addresses: .*203\.0\.113\.9.* → /s)
      expect(told[2]).to.match(/Room: 1 TB → 4 TB/)
      expect(told[3]).to.contain('Admitted')
      expect(told[4]).to.match(/Registered.*A07, heavy/s)
      expect(told).to.have.length(5)
      expect(await seriousFaults(page)).to.deep.equal([])
    })
  })

  it('tells the history of a ship: suspended and admitted again, keys replaced', async () => {
    await site.visit('/ships/2', async (page) => {
      const history = page.getByRole('region', { name: 'History' })
      await history.getByRole('row').nth(4).waitFor()
      const told = await history.getByRole('row').allInnerTexts()
      expect(told[1]).to.match(/Admitted.*fee paid/s)
      expect(told[2]).to.match(/Suspended.*fee not paid/s)
      await page.goto(new URL('/ships/1', page.url()).href)
      await history.getByText('Keys replaced').waitFor()
    })
  })

  it('exports a history', async () => {
    await site.visit('/nodes/7', async (page) => {
      const history = page.getByRole('region', { name: 'History' })
      const download = page.waitForEvent('download')
      await history.getByRole('button', { name: 'Export CSV' }).click()
      const file = await download
      expect(file.suggestedFilename()).to.equal('orlop-node-7-history.csv')
      const chunks: Buffer[] = []
      for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer)
      const lines = Buffer.concat(chunks).toString('utf8').trim().split('\r\n')
      expect(lines[0]).to.match(/time,event,details,transaction$/)
      expect(lines).to.have.length(5)
    })
  })

  it('lists transactions of every kind, and heartbeats only when asked to', async () => {
    await site.visit('/transactions', async (page) => {
      const listed = rows(page, 'Transactions, newest first')
      await listed.nth(50).waitFor()
      await page.getByLabel('Kind').selectOption('nodeStateChanged')
      await page.waitForURL(/kind=nodeStateChanged/)
      await listed.nth(10).waitFor({ state: 'detached' })
      expect(await listed.count(), 'eight admissions, one drain, and the head').to.equal(10)
      expect(await listed.filter({ hasText: 'sign of life' }).count()).to.equal(0)
      // One right after the other: neither is lost.
      await page.getByLabel('Kind').selectOption('')
      await page.getByLabel('Signs of life').selectOption('true')
      await listed.filter({ hasText: 'sign of life' }).first().waitFor()
      await shoot(page, 'transactions.heartbeats')
    })
  })

  it('shows all that one transaction did, found by its hash', async () => {
    const master = transactionsOf(server.data).find(({ kinds }) => kinds.includes('masterChanged'))
    await site.visit(`/search?q=${master!.transactionHash}`, async (page) => {
      await page.getByText('master, role given').waitFor()
      await page.getByRole('cell').getByRole('link').first().click()
      const registry = page.getByRole('region', { name: 'What changed the registry' })
      await registry.getByRole('row').nth(2).waitFor()
      const told = await registry.getByRole('row').allInnerTexts()
      expect(told[1]).to.match(/Role given.*steward: 0x/s)
      expect(told[2]).to.match(/Master changed.*– → Node 1/s)
      expect(await excessWidth(page)).to.be.at.most(0)
      expect(await seriousFaults(page)).to.deep.equal([])
      await shoot(page, 'transaction.registry')
    })
  })

  it('says of an object that one of its ratings did not count', async () => {
    const uncounted = server.data.ratings.find(({ isCounted }) => !isCounted)
    const object = server.data.objects.find(({ objectId }) => objectId === uncounted?.objectId)
    await site.visit(`/objects/${object!.clientId}/${object!.objectId}`, (page) =>
      page.getByText('One rating did not count').waitFor(),
    )
  })

  it('shows a transaction that comes while the page is open', async () => {
    await site.visit('/transactions', async (page) => {
      const listed = rows(page, 'Transactions, newest first')
      await listed.nth(1).waitFor()
      const [rating] = server.data.ratings
      const position = { ...rating!.position, transactionHash: `0x${'cd'.repeat(32)}` }
      const arrived = { ...rating!, clientName: 'JUST ARRIVED', position }
      server.data.ratings.unshift(arrived)
      const { transactionHash, blockNumber, blockHash, blockTimeMs } = position
      server.announce({
        name: 'transaction',
        data: {
          ...{ transactionHash, blockNumber, blockHash, blockTimeMs, kinds: ['rated'] },
          ...{ receiptCount: 0, streamBytes: 0, clients: [], nodes: [] },
        },
      })
      await page.getByRole('link', { name: 'JUST ARRIVED' }).waitFor()
      server.data.ratings.shift()
    })
  })
})
