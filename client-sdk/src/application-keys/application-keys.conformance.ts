import { expect } from 'chai'
import { isOrlopError } from '@orlop/protocol/errors'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import { APPLICATION_KEY_BYTES, type ApplicationKeys, CENTRE_ID_BYTES } from './application-keys.ts'

/** Keys of applications, and what their administrator does. */
export interface ApplicationKeysSetup {
  readonly keys: ApplicationKeys
  /** Makes the next version of a key, the first where there is none. */
  readonly rotate: (appId: string, keyId: string) => Promise<void>
  /** The key is refused from now on. */
  readonly revoke: (appId: string, keyId: string) => Promise<void>
}

const APP = 'stowage'
const KEY = { appId: APP, keyId: 'plans' }

/** What every source of application keys does. @param setup - without keys; closed by the suite. */
export function applicationKeysConformance(
  name: string,
  setup: () => Promise<ApplicationKeysSetup>,
): void {
  describe(`application keys: ${name}`, () => {
    let part: ApplicationKeysSetup

    beforeEach(async () => {
      part = await setup()
    })

    afterEach(() => part.keys.close())

    it('gives the newest version to seal with, and every version to open with', async () => {
      await part.rotate(APP, 'plans')
      const first = await part.keys.sealKey(KEY)
      expect(first).to.include({ ...KEY, version: 1 })
      expect(first.key).to.have.length(APPLICATION_KEY_BYTES)
      await part.rotate(APP, 'plans')
      const second = await part.keys.sealKey(KEY)
      expect(second.version).to.equal(2)
      expect(second.key).to.not.deep.equal(first.key)
      expect(await part.keys.openKey({ ...KEY, version: 1 })).to.deep.equal(first)
      expect(await part.keys.openKey({ ...KEY, version: 2 })).to.deep.equal(second)
    })

    it('gives copies: who wipes one takes nothing from the next', async () => {
      await part.rotate(APP, 'plans')
      const taken = await part.keys.sealKey(KEY)
      const before = taken.key.slice()
      taken.key.fill(0)
      expect((await part.keys.openKey({ ...KEY, version: 1 })).key).to.deep.equal(before)
    })

    it('keeps keys and applications apart', async () => {
      await part.rotate(APP, 'plans')
      await part.rotate(APP, 'other')
      const { key: plans } = await part.keys.sealKey(KEY)
      const { key: other } = await part.keys.sealKey({ ...KEY, keyId: 'other' })
      expect(plans).to.not.deep.equal(other)
    })

    it('refuses keys and versions that are not there', async () => {
      await part.rotate(APP, 'plans')
      expect(await codeOf(part.keys.sealKey({ ...KEY, keyId: 'none' }))).to.equal(REFUSED)
      expect(await codeOf(part.keys.openKey({ ...KEY, version: 2 }))).to.equal(REFUSED)
    })

    it('refuses a key that was revoked, also one it gave before, and leaves others alone', async () => {
      await part.rotate(APP, 'plans')
      await part.rotate(APP, 'other')
      await part.keys.sealKey(KEY)
      await part.revoke(APP, 'plans')
      expect(await codeOf(part.keys.sealKey(KEY))).to.equal(REFUSED)
      expect(await codeOf(part.keys.openKey({ ...KEY, version: 1 }))).to.equal(REFUSED)
      expect((await part.keys.sealKey({ ...KEY, keyId: 'other' })).version).to.equal(1)
    })

    it('names its centre, and gives nothing after it was closed', async () => {
      await part.rotate(APP, 'plans')
      expect(part.keys.centreId).to.have.length(CENTRE_ID_BYTES)
      await part.keys.close()
      expect(await codeOf(part.keys.sealKey(KEY))).to.equal(REFUSED)
      await part.keys.close()
    })
  })
}

const REFUSED = 'APP_KEY_REFUSED'

async function codeOf(call: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await call
    return null
  } catch (error) {
    if (isOrlopError(error)) return error.code
    throw error
  }
}
