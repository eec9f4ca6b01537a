import { cp, open, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BrowserContext } from 'playwright-core'
import { HomeLayout, SAMPLE_VOYAGE } from '@orlop/cli/devnet/layout'
import { joinNetwork } from '@orlop/cli/network-file'
import { keyringFile } from '@orlop/cli/open-client'
import { formatOpeningKey, type OrlopClient, type StoreResult } from '@orlop/client-sdk/index'
import { FileKeyring } from '@orlop/client-sdk/keyring/file-keyring'
import { encodeHex } from '@orlop/crypto/bytes'
import { parseObjectId } from '@orlop/protocol/ids'
import { makeCheapKeyring } from '../testkit/cheap-keyring.ts'
import { Cli } from '../testkit/cli.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { readAll, sampleBytes } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'
import { type VaultKeyring, VaultTab } from '../testkit/vault-tab.ts'
import { sharedBrowser } from './shared-browser.ts'
import { sharedNetwork } from './shared-network.ts'

const PASSPHRASE = 'shore office'
const NEW_PASSPHRASE = 'four bells in the first watch'
const MIB = 1024 * 1024
const IDLE = '15:01'
const [PLAN, PHOTO, LOG] = [
  'voyage-plan-2022-03-22.txt',
  'quay-photo.jpg',
  'plaka-excerpt.nmea',
] as const

/** What the page has of an image. */
interface DecodableImage {
  readonly naturalWidth: number
  decode(): Promise<void>
}

describe('e2e: the vault in Chromium', () => {
  let network: RealNetwork
  let folder: string
  /** The same client on the command line. */
  let cli: Cli
  /** The same client in this process. */
  let office: OrlopClient
  let keyring: VaultKeyring
  /** What the command line stored. */
  let stored: StoreResult[]
  const storedAs = (name: string) => stored.find((one) => one.name === name)!
  let profile: BrowserContext | undefined
  let tab: VaultTab
  const complaints: string[] = []

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    const home = await network.folder()
    cli = new Cli(home, { cwd: folder, env: { ORLOP_PASSPHRASE: PASSPHRASE } })
    const layout = new HomeLayout(home)
    joinNetwork(layout.networkFile, network.network)
    await makeCheapKeyring(home, PASSPHRASE)
    keyring = { file: keyringFile(layout.clientHome), passphrase: PASSPHRASE }
    office = (await network.client({ keyring: await FileKeyring.open(keyring) })).client
    for (const name of [PLAN, PHOTO, LOG]) await cp(join(SAMPLE_VOYAGE, name), join(folder, name))
    const args = ['--label', 'voyage=2203-E', '--wait-for', 'recorded']
    stored = await cli.json<StoreResult[]>('put', PLAN, PHOTO, LOG, ...args)
    profile = await (await sharedBrowser()).newContext({ locale: 'en-GB' })
    tab = await VaultTab.in(profile, network.explorerUrl, complaints)
  })
  after(async () => {
    await profile?.close()
  })
  afterEach(() => {
    expect(complaints.splice(0)).to.deep.equal([])
  })

  /** Where a node keeps its copy. */
  async function stripFile(nodeName: string, objectId: string): Promise<string> {
    const strips = join(network.layout.nodeHome(nodeName), 'blobs', 'strips')
    const names = await readdir(strips, { recursive: true })
    const wanted = encodeHex(parseObjectId(objectId))
    return join(
      strips,
      names.find((name) => name.includes(wanted) && name.endsWith('.strip'))!,
    )
  }

  it('is found from the explorer', async () => {
    await tab.page.goto(network.explorerUrl)
    await tab.page.getByRole('navigation').getByRole('link', { name: 'Vault' }).click()
    await tab.page.getByRole('heading', { level: 1, name: 'Open your vault' }).waitFor()
  })

  it('opens the keyring of the command line with its passphrase only, and lists what that stored', async () => {
    await tab.enter({ ...keyring, passphrase: 'not it' })
    await tab.page.getByText('This passphrase does not open the keyring.').waitFor()
    await tab.unlock(PASSPHRASE)
    await tab.page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
    for (const name of [PLAN, PHOTO, LOG]) await tab.row(name).waitFor()
    await tab.page.getByLabel('Name or label').fill('quay')
    await tab.row(PLAN).waitFor({ state: 'detached' })
    await tab.page.getByLabel('Name or label').fill('2203-e')
    await tab.row(PLAN).waitFor()
    expect(await tab.page.evaluate('JSON.stringify(localStorage)')).not.to.include('seal')
  })

  it('shows what a text, a picture and a log of positions hold', async () => {
    await tab.show(PLAN)
    await tab.page.getByText('VOYAGE PLAN').waitFor()
    await tab.show(LOG)
    await tab.page
      .getByRole('img', { name: /Mercator chart of a track of \d+ positions/ })
      .waitFor()
    await tab.show(PHOTO)
    const picture = tab.page.locator('main img')
    await picture.waitFor()
    expect(await picture.getAttribute('src')).to.match(/^blob:/)
    const width = await picture.evaluate(async (element) => {
      const image = element as unknown as DecodableImage
      await image.decode()
      return image.naturalWidth
    })
    expect(width).to.be.greaterThan(100)
  })

  it('downloads the bytes that the command line stored', async () => {
    await tab.show(PHOTO)
    const download = tab.page.waitForEvent('download')
    await tab.page.getByRole('button', { name: 'Download' }).click()
    const file = await download
    expect(file.suggestedFilename()).to.equal(PHOTO)
    const bytes = await readFile(await file.path())
    expect(Buffer.compare(bytes, await readFile(join(folder, PHOTO)))).to.equal(0)
  })

  it('stores a file that the command line gets: the same bytes', async () => {
    const bytes = sampleBytes(300_000)
    await writeFile(join(folder, 'ashore ⚓.bin'), bytes)
    await tab.list()
    await tab.page.locator('input[type=file]').setInputFiles(join(folder, 'ashore ⚓.bin'))
    await tab.upload('ashore ⚓.bin').getByText('Stored and recorded').waitFor()
    const link = tab.upload('ashore ⚓.bin').getByRole('link', { name: 'Open ashore ⚓.bin' })
    const [objectId] = /orlop:[a-z2-7]{52}$/.exec((await link.getAttribute('href')) ?? '')!
    await cli.json('get', objectId, '-o', 'back.bin')
    expect(Buffer.compare(await readFile(join(folder, 'back.bin')), bytes)).to.equal(0)
  })

  it('shares with a client under the key that it gave, and takes that back', async () => {
    const { client: friend } = await network.client()
    const { objectId } = storedAs(PLAN)
    const request = { objectId, ownerId: office.record!.clientId }
    const read = () => friend.retrieve(request).then(({ stream }) => readAll(stream))

    await tab.show(PLAN)
    await tab.page.getByLabel('Client number').fill(String(friend.record!.clientId))
    await tab.page.getByLabel('Opening key').fill(formatOpeningKey(friend.openingKey))
    await tab.page.getByRole('button', { name: 'Share', exact: true }).click()
    await tab.page.getByText('Shared. The other needs these two').waitFor()
    expect(Buffer.compare(await read(), await readFile(join(folder, PLAN)))).to.equal(0)

    await tab.page.getByRole('button', { name: /^Revoke from/ }).click()
    const question = tab.page.getByRole('alertdialog', { name: 'Revoke' })
    await question.getByRole('button', { name: 'Revoke' }).click()
    await tab.page.getByText(/^Revoked from/).waitFor()
    const refused = await read().then(
      () => null,
      (error: unknown) => error,
    )
    expect(refused).to.have.property('code', 'WRONG_KEY')
  })

  it('opens what another client shared with it, by key and by passphrase', async () => {
    const { client: friend } = await network.client()
    const [first, second] = ['charter.txt', 'manifest.txt'].map((name) => ({
      ...{ name, source: { bytes: new TextEncoder().encode(`content of ${name}`) } },
      waitFor: 'recorded' as const,
    }))
    const byKey = await friend.store({ ...first!, recipients: [office.record!.clientId] })
    const byWord = await friend.store({ ...second!, passphrase: 'gangway' })
    for (const [{ objectId, name }, passphrase] of [
      [byKey, ''],
      [byWord, 'gangway'],
    ] as const) {
      await tab.page.getByRole('link', { name: 'Shared with me' }).first().click()
      await tab.page.getByLabel('Object', { exact: true }).fill(objectId)
      await tab.page.getByLabel('Owner number').fill(String(friend.record!.clientId))
      await tab.page.getByLabel('Passphrase', { exact: true }).fill(passphrase)
      await tab.page.getByRole('button', { name: 'Open', exact: true }).click()
      await tab.page.getByRole('heading', { level: 1, name }).waitFor()
      await tab.page.getByText(`content of ${name}`).waitFor()
    }
  })

  it('finds the copy that was tampered with, names its node, and still has the file from the other', async () => {
    await tab.show(PHOTO)
    await tab.page.getByRole('button', { name: 'Verify now' }).click()
    await tab.page.getByText('All 2 copies are sound.').waitFor()

    const { objectId, strips } = storedAs(PHOTO)
    const { nodeName } = strips[1]!
    const file = await open(await stripFile(nodeName, objectId), 'r+')
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 100_000)
    await file.write(Buffer.from([buffer[0]! ^ 1]), 0, 1, 100_000)
    await file.close()

    await tab.page.getByRole('button', { name: 'Verify again' }).click()
    await tab.page.getByText('One copy is not as it should be.').waitFor()
    const copies = tab.page.getByRole('table', { name: /Copies of this file/ }).getByRole('row')
    expect(await copies.filter({ hasText: 'damaged' }).innerText()).to.include(nodeName)
    expect(await copies.filter({ hasText: 'sound' }).count()).to.equal(1)
    const download = tab.page.waitForEvent('download')
    await tab.page.getByRole('button', { name: 'Download' }).click()
    const bytes = await readFile(await (await download).path())
    expect(Buffer.compare(bytes, await readFile(join(folder, PHOTO)))).to.equal(0)
  })

  it('goes on with an upload after its page was closed, from what was sealed', async () => {
    const bytes = sampleBytes(12 * MIB)
    await writeFile(join(folder, 'radar.bin'), bytes)
    await tab.list()
    await tab.page.locator('input[type=file]').setInputFiles(join(folder, 'radar.bin'))
    await tab.upload('radar.bin').getByText('Sealing and sending').waitFor()
    // The gateway stands still, so that the page seals to the end while most is still to be sent.
    const { pid } = network.part('gateway')
    process.kill(pid, 'SIGSTOP')
    try {
      await until('the page has noted that it is sealed', () =>
        tab.page.evaluate<boolean>(MENTIONS),
      )
      await tab.page.goto('about:blank')
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    await tab.open(keyring)
    const upload = tab.upload('radar.bin')
    await upload.getByText('Interrupted: sealed, and not sent yet').waitFor()
    await upload.getByRole('button', { name: 'Continue radar.bin' }).click()
    await upload.getByText('Stored and recorded').waitFor()
    await office.recover()
    const found = await office.find({ name: 'radar.bin' })
    expect(found).to.have.length(1)
    const { stream } = await office.retrieve({ objectId: found[0]!.objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  it('makes a keyring that opens elsewhere too, registers it, and stores with it once it is admitted', async () => {
    const context = await (await sharedBrowser()).newContext({ locale: 'en-GB' })
    try {
      const own = await VaultTab.in(context, network.explorerUrl, complaints)
      const { page } = own
      await own.visit()
      await page.getByRole('link', { name: 'Make a new one' }).click()
      await page.getByLabel('Passphrase', { exact: true }).fill(NEW_PASSPHRASE)
      await page.getByLabel('Passphrase once more').fill(NEW_PASSPHRASE)
      await page.getByRole('button', { name: 'Make the keyring' }).click()
      await page.getByText(/orlop-recovery:/).waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the keyring file' }).click()
      const file = join(await network.folder(), 'keyring.json')
      await (await download).saveAs(file)
      await page.getByLabel('I have saved the keyring file and the recovery key.').check()
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Shore office')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('Nothing here yet').waitFor()
      const bytes = sampleBytes(20_000)
      await writeFile(join(folder, 'first.bin'), bytes)
      await page.locator('input[type=file]').setInputFiles(join(folder, 'first.bin'))
      await own.upload('first.bin').getByText('Stored and recorded').waitFor()

      const opened = await FileKeyring.open({ file, passphrase: NEW_PASSPHRASE })
      const { client } = await network.client({ keyring: opened })
      expect(client.record).to.include({ name: 'Shore office', imoNumber: 0 })
      const [entry] = await client.list()
      const { stream } = await client.retrieve({ objectId: entry!.objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
    } finally {
      await context.close()
    }
  })

  it('is open in one tab at a time, and locks itself when nobody touches it', async () => {
    const second = await VaultTab.in(profile!, network.explorerUrl, complaints)
    await second.page.clock.install()
    await second.visit()
    await second.enter(keyring)
    await second.page.getByText('This vault is open in another tab or window').waitFor()
    await tab.page.getByRole('button', { name: 'Lock', exact: true }).click()
    await tab.page.getByText('The vault is locked.').waitFor()
    expect(await tab.page.content()).not.to.include(PLAN)

    await second.unlock(PASSPHRASE)
    await second.row(PLAN).waitFor()
    await second.page.clock.fastForward(IDLE)
    await second.page.getByText('the vault locked itself').waitFor()
    expect(await second.page.content()).not.to.include(PLAN)
  })
})

/** Whether a record of the vault's own database in the page says that an upload is sealed. */
const MENTIONS = `(async () => {
  const finish = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
  const [{ name }] = (await indexedDB.databases()).filter(({ name }) => name.startsWith('orlop/vault-'))
  const database = await finish(indexedDB.open(name))
  const records = await finish(database.transaction('records').objectStore('records').getAll())
  database.close()
  const texts = records.map((record) => new TextDecoder('latin1').decode(record))
  return texts.some((text) => text.includes('plainSha256') && text.includes('radar.bin'))
})()`
