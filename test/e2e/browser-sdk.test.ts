import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { BrowserContext, Page } from 'playwright-core'
import { randomBytes } from '@orlop/crypto/bytes'
import { generateSecretKey } from '@orlop/crypto/sign'
import { addressOfSecretKey } from '@orlop/client-sdk/keyring/key-set'
import { encodeKeyringFile } from '@orlop/client-sdk/keyring/keyring-file-format'
import { MemoryKeyring } from '@orlop/client-sdk/keyring/memory-keyring'
import { openLedger } from '@orlop/client-sdk/ledger/open-ledger'
import type { PageClientOptions, PageWork, SuitePage } from '../browser/suite-page.ts'
import { CHEAP } from '../testkit/cheap-keyring.ts'
import { PageServer, type PageServerOptions } from '../testkit/page-server.ts'
import { sdkClientConformance } from '../testkit/sdk-client.conformance.ts'
import { bytesOf, digestsOf, type SuiteClient, suiteClientOf } from '../testkit/suite-client.ts'
import { sharedBrowser } from './shared-browser.ts'
import { sharedNetwork } from './shared-network.ts'

const PAGE = fileURLToPath(new URL('../browser/suite-page.ts', import.meta.url))
const CHUNK_BYTES = 4 * 1024 * 1024
const PASSPHRASE = 'shore side'

/** What runs in the page; this process sends it over. */
type PageScope = typeof globalThis & { readonly orlopPage: SuitePage }

describe('e2e: the sdk in Chromium', () => {
  /** One user's profile: its tabs share storage and locks. */
  let profile: BrowserContext | undefined
  let server: PageServer | undefined
  let serverOptions: PageServerOptions
  let options: PageClientOptions
  let nodeClient: SuiteClient
  const complaints: string[] = []

  before(async () => {
    const network = await sharedNetwork()
    const { rpcUrl, deployment, finalAfterMs } = network.network
    const ledger = openLedger({ rpcUrl, deployment })
    const seed = randomBytes(32)
    const recoveryAddress = addressOfSecretKey(generateSecretKey())
    const keyring = new MemoryKeyring([seed], recoveryAddress)
    nodeClient = suiteClientOf((await network.client({ keyring })).client)
    serverOptions = { entry: PAGE, rpcUrl, readNodes: () => ledger.nodes() }
    server = await PageServer.start(serverOptions)
    const nodes = await ledger.nodes()
    options = {
      home: 'vault',
      gateway: server.url,
      keyringText: await encodeKeyringFile({ seeds: [seed], recoveryAddress }, PASSPHRASE, CHEAP),
      passphrase: PASSPHRASE,
      deployment,
      rpcUrl: null,
      settings: { finalAfterMs, minRetryMs: 20, maxRetryMs: 200 },
      nodes: nodes.map(({ peerId, addresses }) => ({ peerId, addresses: [...addresses] })),
    }
    profile = await (await sharedBrowser()).newContext()
  })
  after(async () => {
    await profile?.close()
    await server?.stop()
  })

  async function openPage(): Promise<Page> {
    const page = await profile!.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(server!.url)
    return page
  }

  async function openClient(page: Page, changes: Partial<PageClientOptions> = {}) {
    await page.evaluate((given) => (globalThis as PageScope).orlopPage.open(given), {
      ...options,
      ...changes,
    })
    const call = (method: keyof SuiteClient) => (request: unknown) =>
      page.evaluate(
        ([name, given]) => (globalThis as PageScope).orlopPage.call(name, given as never),
        [method, request] as const,
      )
    return {
      store: call('store'),
      read: call('read'),
      find: call('find'),
      verify: call('verify'),
    } as SuiteClient
  }

  const workOf = (page: Page): Promise<PageWork> =>
    page.evaluate(() => (globalThis as PageScope).orlopPage.work())

  let page: Page
  sdkClientConformance('in Chromium, through a relay', async () => {
    page = await openPage()
    return { client: await openClient(page), other: nodeClient }
  })

  describe('afterwards', () => {
    it('lets one tab at a time use a home', async () => {
      const second = await openPage()
      const message = await openClient(second).then(
        () => 'opened',
        (error: unknown) => String(error),
      )
      expect(message).to.contain('in use by another tab')
      await second.close()
    })

    it('has its catalogue again after the page was loaded anew', async () => {
      await page.reload()
      const client = await openClient(page)
      expect(await client.find({ name: 'log.bin' })).to.deep.equal(['log.bin'])
    })

    it('goes on with an upload whose page was loaded anew, from what was sealed', async () => {
      const request = { name: 'interrupted.bin', content: { lengthBytes: 3_000_000, seed: 9 } }
      const code = await page.evaluate(
        (given) => (globalThis as PageScope).orlopPage.interrupt(given),
        request,
      )
      expect(code).to.equal('ABORTED')
      await page.reload()
      const client = await openClient(page)
      const names = await page.evaluate(() => (globalThis as PageScope).orlopPage.resume())
      expect(names).to.deep.equal([request.name])
      expect(await client.find({ name: request.name })).to.deep.equal([request.name])
    })

    it('seals and opens every chunk in web workers, which end with the client', async () => {
      const other = await openPage()
      const client = await openClient(other, { home: null })
      const content = { lengthBytes: 2 * CHUNK_BYTES + 1000, seed: 10 }
      const stored = await client.store({ name: 'by workers', content })
      if ('failed' in stored) throw new Error(stored.failed)
      expect(await client.read(stored)).to.include(digestsOf([bytesOf(content)]))
      const done = { sealedChunks: 3, openedChunks: 3, warnings: [] }
      expect(await workOf(other)).to.deep.equal(done)
      const workers = other.workers()
      expect(workers.length).to.be.within(1, 4)
      const ended = Promise.all(workers.map((worker) => worker.waitForEvent('close')))
      await other.evaluate(() => (globalThis as PageScope).orlopPage.close())
      await ended
      expect(other.workers()).to.deep.equal([])
      await other.close()
    })

    it('seals and opens in the page’s own thread where its policy allows no workers, and says so', async () => {
      const strict = await PageServer.start({ ...serverOptions, allowsWorkers: false })
      const other = await profile!.newPage()
      await other.goto(strict.url)
      const client = await openClient(other, { home: null, gateway: strict.url })
      const content = { lengthBytes: CHUNK_BYTES + 1000, seed: 11 }
      const stored = await client.store({ name: 'by the page', content })
      if ('failed' in stored) throw new Error(stored.failed)
      expect(await client.read(stored)).to.include(digestsOf([bytesOf(content)]))
      const { warnings, ...work } = await workOf(other)
      expect(work).to.deep.equal({ sealedChunks: 0, openedChunks: 0 })
      expect(warnings).to.have.length(1)
      expect(warnings[0]).to.contain('no web workers')
      await other.close()
      await strict.stop()
    })

    it('reads the ledger itself where it is told an endpoint, and restores a catalogue from it', async () => {
      const other = await openPage()
      const client = await openClient(other, { home: null, rpcUrl: `${server!.url}rpc` })
      expect(await client.find({ name: 'log.bin' })).to.deep.equal(['log.bin'])
      await other.close()
    })

    it('complains of nothing on the console', () => {
      expect(complaints).to.deep.equal([])
    })
  })
})
