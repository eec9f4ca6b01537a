import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Browser, Page } from 'playwright-core'
import { formatObjectId } from '@orlop/client-sdk/browser'
import { openWatchedPage, startBrowser, type Looks } from './kit/browser.ts'
import { HOSTILE_NAME } from '../src/vault/testkit/sample-entries.ts'
import { excessWidth, seriousFaults, settled } from './kit/fixture-site.ts'
import type { VaultFixture, VaultFixtureMode } from './kit/vault-page.tsx'
import { VaultSite } from './kit/vault-site.ts'

const SCREENSHOTS = join(import.meta.dirname, '../../.runtime/screenshots/vault')
const WAIT_MS = 20_000
const PASSPHRASE = 'seven bells and a calm sea'
const KEYRING = {
  name: 'keyring.json',
  mimeType: 'application/json',
  buffer: Buffer.from('{"format":"orlop-keyring"}'),
}
const PLAN = 'voyage-plan-2022-03-22.txt'
const LOOKS: { name: string; looks: Looks }[] = [
  { name: 'desktop-light-en', looks: {} },
  { name: 'phone-dark-zh', looks: { width: 390, scheme: 'dark', locale: 'zh-CN' } },
]

/** What the page offers to the test that drives it. */
type PageScope = typeof globalThis & { readonly vaultFixture: VaultFixture }

describe('pages of the vault', () => {
  const site = new VaultSite()
  let browser: Browser

  before(async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    browser = await startBrowser()
    await site.start()
  })
  after(async () => {
    await browser.close()
    await site.stop()
  })

  interface Visit extends Looks {
    mode?: VaultFixtureMode
    path?: string
  }

  /** Comes to the closed vault, does something there, and then no error may have been noted. */
  async function visit(
    { mode = 'full', path, ...looks }: Visit,
    act: (page: Page) => Promise<void>,
  ) {
    const { page, errors, close } = await openWatchedPage(browser, looks)
    try {
      // So that a wait that ends in vain is named before the test is out of time.
      page.setDefaultTimeout(WAIT_MS)
      await page.goto(site.address(mode, path))
      await page.locator('h1').waitFor()
      await act(page)
      expect(errors).to.deep.equal([])
    } finally {
      await close()
    }
  }

  /** Opens the vault with its keyring, whatever language its pages have. */
  async function unlock(page: Page, passphrase = PASSPHRASE): Promise<void> {
    const file = page.locator('.door input[type=file]')
    if ((await file.count()) > 0) await file.setInputFiles(KEYRING)
    await page.locator('.door input[type=password]').fill(passphrase)
    await page.locator('.door button[type=submit]').click()
  }

  /** Opens the vault and does something in it. */
  const inside = (where: Visit, act: (page: Page) => Promise<void>) =>
    visit(where, async (page) => {
      await unlock(page)
      await page.locator('.door').waitFor({ state: 'detached' })
      await act(page)
    })

  async function shoot(page: Page, name: string): Promise<void> {
    // Headers of tables stay in sight while a page is scrolled.
    await page.evaluate('scrollTo(0, 0)')
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true })
  }

  async function expectFit(page: Page): Promise<void> {
    expect(await page.locator('h1').count()).to.equal(1)
    expect(await page.title()).to.contain('Orlop')
    expect(await excessWidth(page), 'pixels too wide').to.be.at.most(0)
    expect(await seriousFaults(page)).to.deep.equal([])
  }

  const fileRow = (page: Page, name: string) =>
    page.getByRole('table').getByRole('row').filter({ hasText: name })

  async function show(page: Page, name: string): Promise<void> {
    await fileRow(page, name).getByRole('link', { name }).click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
  }

  const calls = (page: Page, verb: string) =>
    page.evaluate(
      (wanted) =>
        (globalThis as PageScope).vaultFixture.client.calls
          .filter((call) => call.verb === wanted)
          .map(({ request }) => request),
      verb,
    )

  for (const { name: look, looks } of LOOKS) {
    const seen = (name: string) => `${name}.${look}`
    describe(`as its readers see them: ${look}`, () => {
      it('the way in, a wrong passphrase, and making a keyring', async () => {
        await visit({ mode: 'new', ...looks }, async (page) => {
          await expectFit(page)
          await shoot(page, seen('open'))
          await unlock(page, 'not it')
          await page.getByRole('alert').waitFor()
          await expectFit(page)
          await shoot(page, seen('open.wrong'))
          await page.goto(site.address('new', '/new'))
          await page.locator('.door input[type=password]').nth(1).waitFor()
          for (const field of await page.locator('.door input[type=password]').all()) {
            await field.fill(PASSPHRASE)
          }
          await expectFit(page)
          await shoot(page, seen('make'))
          await page.locator('.door button[type=submit]').click()
          await page.locator('.secret').waitFor()
          await expectFit(page)
          await shoot(page, seen('made'))
        })
      })

      it('registration, and waiting for the steward', async () => {
        await visit({ mode: 'new', ...looks }, async (page) => {
          await unlock(page)
          await page.locator('input[inputmode=numeric]').waitFor()
          await page.locator('.door button[type=submit]').click()
          await expectFit(page)
          await shoot(page, seen('register'))
          await page.locator('.door input[type=text]').first().fill('Piraeus fleet office')
          await page.locator('.door button[type=submit]').click()
          await page.locator('.secret').waitFor()
          await expectFit(page)
          await shoot(page, seen('waiting'))
        })
      })

      for (const mode of [
        'full',
        'empty',
        'loading',
        'failing',
        'uploading',
        'suspended',
      ] as const) {
        it(`files: ${mode}`, async () => {
          await inside({ mode, ...looks }, async (page) => {
            if (mode === 'uploading') {
              const names = ['asking-nodes.log', 'sending-vdr.zip', 'recording-noon.txt']
              const buffer = Buffer.alloc(3_400_000)
              await page
                .locator('.chooser input')
                .setInputFiles(names.map((name) => ({ name, mimeType: '', buffer })))
              await page.locator('[data-phase=sending]').waitFor()
            }
            if (mode !== 'loading') await settled(page)
            await expectFit(page)
            await shoot(page, seen(`files.${mode}`))
          })
        })
      }

      for (const [name, state] of [
        [PLAN, 'full'],
        ['quay-photo.jpg', 'full'],
        ['tampered-log.bin', 'full'],
        [PLAN, 'away'],
      ] as const) {
        it(`one file: ${name}, ${state}`, async () => {
          await inside({ mode: state, ...looks }, async (page) => {
            await show(page, name)
            await settled(page)
            if (name.startsWith('tampered')) {
              await page.locator('section .button.main').first().click()
              await page.locator('[data-tone=bad]').first().waitFor()
            }
            await expectFit(page)
            await shoot(page, seen(`file.${name.split(/[-.]/)[0]}.${state}`))
          })
        })
      }

      for (const path of ['/shared', '/account'] as const) {
        it(`page ${path}`, async () => {
          await inside({ path, ...looks }, async (page) => {
            await settled(page)
            await expectFit(page)
            await shoot(page, seen(path.slice(1)))
          })
        })
      }
    })
  }

  it('asks for the right passphrase, remembers the keyring when told to, and forgets it again', async () => {
    await visit({}, async (page) => {
      await unlock(page, 'not it')
      await page.getByText('This passphrase does not open the keyring.').waitFor()
      expect(await page.evaluate('localStorage.length')).to.equal(0)
      await page.getByLabel('Remember the encrypted keyring in this browser').check()
      await unlock(page)
      await page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
      await page.reload()
      await page.getByText('This browser remembers the keyring keyring.json.').waitFor()
      await unlock(page)
      await page.getByRole('link', { name: 'Account' }).click()
      await page.getByRole('button', { name: 'Lock and forget this browser' }).click()
      await page.getByRole('button', { name: 'Delete it all' }).click()
      await page.getByText('This browser has forgotten the vault.').waitFor()
      await page.getByText('Choose a keyring file').waitFor()
      expect(await page.evaluate('localStorage.length')).to.equal(0)
    })
  })

  it('opens with a dropped keyring, by keyboard from there on', async () => {
    await visit({}, async (page) => {
      const data = await page.evaluateHandle(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(['{"format":"orlop-keyring"}'], 'dropped.json'))
        return transfer
      })
      await page.dispatchEvent('.drop', 'drop', { dataTransfer: data })
      await page.getByText('Keyring dropped.json').waitFor()
      await page.getByLabel('Passphrase', { exact: true }).focus()
      await page.keyboard.type(PASSPHRASE)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
    })
  })

  it('makes a keyring, has it saved, registers it and opens once the steward admits it', async () => {
    await visit({ mode: 'new', path: '/new' }, async (page) => {
      const button = page.getByRole('button', { name: 'Make the keyring' })
      await page.getByLabel('Passphrase', { exact: true }).fill('short')
      await button.click()
      await page.getByText('The passphrase has fewer than 12 characters.').waitFor()
      await page.getByText('The two are not the same.').waitFor()
      await page.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE)
      await page.getByLabel('Passphrase once more').fill(PASSPHRASE)
      await button.click()
      await page.getByText('orlop-recovery:').waitFor()
      const goOn = page.getByRole('button', { name: 'Go on' })
      await page.getByLabel('I have saved the keyring file and the recovery key.').check()
      expect(await goOn.isDisabled()).to.equal(true)
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Save the keyring file' }).click()
      expect((await download).suggestedFilename()).to.equal('orlop-keyring.json')
      await goOn.click()
      await page.getByLabel('Name', { exact: true }).fill('Piraeus fleet office')
      await page.getByLabel('IMO number').fill('9074728')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('This is no IMO number: one of its digits is wrong.').waitFor()
      await page.getByLabel('IMO number').fill('9074729')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('client 7, Piraeus fleet office').waitFor()
      await page.evaluate(() => (globalThis as PageScope).vaultFixture.admit())
      await page.getByText('Nothing here yet').waitFor()
    })
  })

  it('searches names and labels, sorts, and keeps both out of the address', async () => {
    await inside({}, async (page) => {
      await page.getByLabel('Name or label').fill('2203-e')
      await page.getByText('3 files,').waitFor()
      await page.getByLabel('Class').selectOption({ label: 'image' })
      await fileRow(page, 'quay-photo.jpg').waitFor()
      await page.getByText('1 file,').waitFor()
      expect(page.url()).to.match(/#\/$/)
      await page.getByLabel('Class').selectOption({ label: 'all' })
      const header = page.getByRole('columnheader', { name: 'Size' })
      await header.getByRole('button').click()
      expect(await page.getByRole('row').nth(1).innerText()).to.contain('quay-photo.jpg')
      await page.getByLabel('Name or label').fill('nothing like it')
      await page.getByText('No file fits this search.').waitFor()
    })
  })

  it('shows names of others as text, with nothing hidden in them, and never in the window’s title', async () => {
    await inside({}, async (page) => {
      const shown = HOSTILE_NAME.replace('\u202E', '‹RLO›')
      await show(page, shown)
      await page.getByText('<script>alert(1)</script>').waitFor()
      expect(await page.locator('main img').count()).to.equal(0)
      expect(await page.title()).to.equal('Object · Orlop vault')
    })
  })

  it('downloads a file under a name that fits every file system', async () => {
    await inside({}, async (page) => {
      await show(page, '航次计划/大副签字-2026-11-20.csv')
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: 'Download' }).click()
      const file = await download
      expect(file.suggestedFilename()).to.equal('大副签字-2026-11-20.csv')
      await page.getByText('Downloaded. Every byte was checked.').waitFor()
    })
  })

  it('names the copy that is damaged', async () => {
    await inside({}, async (page) => {
      await show(page, 'tampered-log.bin')
      await page.getByRole('button', { name: 'Verify now' }).click()
      await page.getByText('One copy is not as it should be.').waitFor()
      expect(await fileRow(page, 'A02').innerText()).to.contain('damaged')
      expect(await fileRow(page, 'A01').innerText()).to.contain('sound')
      await page.getByRole('button', { name: 'Verify again' }).waitFor()
    })
  })

  it('shares with a client and its pinned key, and revokes it when asked twice', async () => {
    await inside({}, async (page) => {
      await show(page, 'quay-photo.jpg')
      await page.getByText('Nobody but you.').waitFor()
      const button = page.getByRole('button', { name: 'Share', exact: true })
      await page.getByLabel('Client number').fill('0')
      await page.getByLabel('Opening key').fill('abc')
      await button.click()
      await page.getByText('Give the client’s number, from 1 on.').waitFor()
      await page.getByText('An opening key has 64 hexadecimal digits.').waitFor()
      await page.getByLabel('Client number').fill(`12=${'AB'.repeat(32)}`)
      expect(await page.getByLabel('Client number').inputValue()).to.equal('12')
      expect(await page.getByLabel('Opening key').inputValue()).to.equal('AB'.repeat(32))
      await button.click()
      await page.getByText('Shared. The other needs these two').waitFor()
      const [request] = (await calls(page, 'share')) as [{ recipient: { clientId: number } }]
      expect(request.recipient.clientId).to.equal(12)
      await page.getByRole('button', { name: 'Revoke from Client 12' }).click()
      expect(await calls(page, 'revoke')).to.deep.equal([])
      await expectFit(page)
      await shoot(page, 'file.sharing.desktop-light-en')
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('Revoked from Client 12.').waitFor()
      await page.getByText('Nobody but you.').waitFor()
    })
  })

  it('asks whether a changed key is right before it shares with it', async () => {
    await inside({}, async (page) => {
      await show(page, 'quay-photo.jpg')
      await page.evaluate(() => {
        const { client } = (globalThis as PageScope).vaultFixture
        const { share } = client
        client.share = (request, options) =>
          request.trustNewKeys === true
            ? share(request, options)
            : Promise.reject((globalThis as PageScope).vaultFixture.keyChanged)
      })
      await page.getByLabel('Client number').fill('12')
      await page.getByRole('button', { name: 'Share', exact: true }).click()
      await page.getByText('The ledger shows another opening key').waitFor()
      const tick = page.getByLabel('The client has confirmed that it changed its keys')
      await tick.check()
      await page.getByLabel('Client number').fill('9')
      await tick.waitFor({ state: 'detached' })
      await page.getByLabel('Client number').fill('12')
      expect(await tick.isChecked()).to.equal(false)
      await tick.check()
      await page.getByRole('button', { name: 'Share', exact: true }).click()
      await page.getByText('Shared. The other needs these two').waitFor()
    })
  })

  it('revokes by number from a client whose key it has not seen', async () => {
    await inside({}, async (page) => {
      await page.evaluate(() => {
        ;(globalThis as PageScope).vaultFixture.client.unknownKeys = 1
      })
      await show(page, 'quay-photo.jpg')
      await page.getByLabel('Revoke by the number of a client').fill('31')
      await page.getByRole('button', { name: 'Revoke from Client 31' }).click()
      await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('Revoked from Client 31.').waitFor()
      const [request] = (await calls(page, 'revoke')) as [{ recipientId: number }]
      expect(request.recipientId).to.equal(31)
    })
  })

  it('removes a file whose name is blank only when its id was typed', async () => {
    await visit({}, async (page) => {
      const { ownerId, id } = await page.evaluate(() => {
        const { client } = (globalThis as PageScope).vaultFixture
        const [entry, ...others] = client.entries
        if (entry === undefined) throw new Error('expected an entry')
        client.entries = [{ ...entry, name: ' ' }, ...others]
        return { ownerId: entry.ownerId, id: [...entry.objectId] }
      })
      await unlock(page)
      await page.locator('.door').waitFor({ state: 'detached' })
      const objectId = formatObjectId(Uint8Array.from(id))
      await page.evaluate((path) => {
        location.hash = path
      }, `/files/${ownerId}/${objectId}`)
      const remove = page.getByRole('button', { name: 'Remove for good' })
      await remove.waitFor()
      expect(await remove.isDisabled()).to.equal(true)
      await page.getByLabel('Type the name of the file to confirm').fill(objectId)
      expect(await remove.isDisabled()).to.equal(false)
    })
  })

  it('keeps a file longer, and removes it only when its name was typed', async () => {
    await inside({}, async (page) => {
      await show(page, PLAN)
      await page.getByLabel('Keep until').fill('2040-02-29')
      await page.getByRole('button', { name: 'Keep longer' }).click()
      await page.getByText('Kept until 2040-02-29.').waitFor()
      await page.getByText('One node is away and will be told later.').waitFor()
      const remove = page.getByRole('button', { name: 'Remove for good' })
      await page.getByLabel('Type the name of the file to confirm').fill('voyage-plan')
      expect(await remove.isDisabled()).to.equal(true)
      await page.getByLabel('Type the name of the file to confirm').fill(PLAN)
      await remove.click()
      await page.getByText(`${PLAN} was removed.`).waitFor()
      await fileRow(page, 'quay-photo.jpg').waitFor()
      expect(await fileRow(page, PLAN).count()).to.equal(0)
    })
  })

  it('uploads what is dropped anywhere, and lists it', async () => {
    await inside({ path: '/account' }, async (page) => {
      const data = await page.evaluateHandle(() => {
        const transfer = new DataTransfer()
        transfer.items.add(new File(['noon'], 'noon.txt'))
        return transfer
      })
      await page.dispatchEvent('main', 'dragover', { dataTransfer: data })
      await page.getByText('Drop files to seal and upload them').waitFor()
      await page.dispatchEvent('main', 'drop', { dataTransfer: data })
      await page.getByRole('heading', { level: 1, name: 'Files' }).waitFor()
      await page.getByRole('listitem').filter({ hasText: 'Stored and recorded' }).waitFor()
      await fileRow(page, 'noon.txt').waitFor()
      await page.getByRole('button', { name: 'Dismiss noon.txt' }).click()
      await page.getByRole('region', { name: 'Uploads' }).waitFor({ state: 'detached' })
    })
  })

  it('pauses, continues and cancels uploads, and continues what an earlier session sealed', async () => {
    await inside({ mode: 'uploading' }, async (page) => {
      const buffer = Buffer.alloc(1_000_000)
      await page.getByText('Options for the next uploads').click()
      await page.getByLabel('Locks').selectOption({ label: '1: authenticated cipher' })
      await page.getByLabel('Labels').fill('voyage=2203-E')
      await page
        .getByLabel('Upload files')
        .setInputFiles({ name: 'sending-vdr.zip', mimeType: '', buffer })
      const row = page.getByRole('listitem').filter({ hasText: 'sending-vdr.zip' })
      await row.getByText('600 kB of 1 MB').waitFor()
      await row.getByRole('button', { name: 'Pause sending-vdr.zip' }).click()
      await row.getByText('Paused').waitFor()
      await row.getByRole('button', { name: 'Continue sending-vdr.zip' }).click()
      await row.getByText('Sealing and sending').waitFor()
      const [first, second] = (await calls(page, 'store')) as {
        overrides: object
        requestKey: string
      }[]
      expect(first?.overrides).to.deep.equal({ level: 1, labels: { voyage: '2203-E' } })
      expect(second?.requestKey).to.equal(first?.requestKey)
      await row.getByRole('button', { name: 'Cancel sending-vdr.zip' }).click()
      await row.waitFor({ state: 'detached' })
      const left = page.getByRole('listitem').filter({ hasText: 'vdr-2026-11-19.zip' })
      await left.getByRole('button', { name: 'Continue vdr-2026-11-19.zip' }).click()
      await left.getByText('Stored and recorded').waitFor()
    })
  })

  it('opens what another client shared, by its passphrase', async () => {
    await inside({ path: '/shared' }, async (page) => {
      await page.getByRole('button', { name: 'Open', exact: true }).click()
      await page.getByText('An object is named orlop: and 52 letters.').last().waitFor()
      await page.getByText('Give the owner’s number, from 1 on.').waitFor()
      const objectId = await page.evaluate(() =>
        (globalThis as PageScope).vaultFixture.idOf('charter-party.pdf'),
      )
      await page.getByLabel('Object', { exact: true }).fill(objectId)
      await page.getByLabel('Owner number').fill('12')
      await page.getByLabel('Passphrase', { exact: true }).fill('gangway')
      await page.getByRole('button', { name: 'Open', exact: true }).click()
      await page.getByRole('heading', { level: 1, name: 'charter-party.pdf' }).waitFor()
      await page.getByText('This file belongs to client 12').waitFor()
      const opened = (await calls(page, 'open')) as { passphrase?: string }[]
      expect(opened.length).to.be.greaterThan(1)
      expect(opened.every(({ passphrase }) => passphrase === 'gangway')).to.equal(true)
    })
  })

  it('asks again for the passphrase of a file that was opened in an earlier session', async () => {
    await inside({ path: '/shared' }, async (page) => {
      await page.evaluate(() => {
        const { client, wrongKey } = (globalThis as PageScope).vaultFixture
        const { open } = client
        client.open = (request, options) =>
          request.passphrase === 'gangway' ? open(request, options) : Promise.reject(wrongKey)
      })
      await show(page, 'charter-party.pdf')
      await page.getByText('Your keys do not open this file.').waitFor()
      await page.getByLabel('Passphrase', { exact: true }).fill('gangway')
      await page.getByRole('button', { name: 'Open', exact: true }).click()
      await page.getByText('%PDF-1.7').waitFor()
    })
  })

  it('locks when it is told to: nothing of what was open is left', async () => {
    await inside({}, async (page) => {
      await show(page, PLAN)
      await page.getByRole('region', { name: `Content of ${PLAN}` }).waitFor()
      await page.getByRole('button', { name: 'Lock' }).click()
      await page.getByText('The vault is locked.').waitFor()
      expect(await page.locator('body').innerText()).to.not.contain('voyage-plan')
      const { isClosed, isDisposed } = await page.evaluate(() => {
        const { client, services } = (globalThis as PageScope).vaultFixture
        return { isClosed: client.isClosed, isDisposed: services.keyrings[0]?.isDisposed }
      })
      expect([isClosed, isDisposed]).to.deep.equal([true, true])
    })
  })

  it('says why a file is not in the list', async () => {
    await inside({ path: `/files/7/orlop:${'a'.repeat(52)}` }, async (page) => {
      await page.getByRole('alert').getByText('This file is not in your list.').waitFor()
    })
  })
})
