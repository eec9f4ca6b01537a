import { expect } from 'chai'
import type { Keyring } from './keyring.ts'

/** What every keyring does. @param setup - gives a keyring with one key set and a way to open it again. */
export function keyringConformance(
  name: string,
  setup: () => Promise<{ keyring: Keyring; reopen: () => Promise<Keyring> }>,
): void {
  describe(`keyring: ${name}`, () => {
    it('has one address and one opening key, the same every time it is opened', async () => {
      const { keyring, reopen } = await setup()
      const again = await reopen()
      expect(keyring.keySets).to.have.length(1)
      expect(again.keySets).to.deep.equal(keyring.keySets)
      expect(again.recoveryAddress).to.equal(keyring.recoveryAddress)
      expect(keyring.keySets[0]?.address).to.match(/^0x[0-9a-fA-F]{40}$/)
      expect(keyring.keySets[0]?.address).to.not.equal(keyring.recoveryAddress)
    })

    it('puts new keys in front and keeps the former, which must still open objects', async () => {
      const { keyring, reopen } = await setup()
      const former = keyring.keySets[0]
      const added = await keyring.addKeySet()
      expect(keyring.keySets).to.deep.equal([added, former])
      expect(added.address).to.not.equal(former?.address)
      const again = await reopen()
      expect(again.keySets.at(-1)).to.deep.equal(former)
    })

    it('overwrites its secrets when it is disposed', async () => {
      const { keyring } = await setup()
      const [keySet] = keyring.keySets
      keyring.dispose()
      expect(keySet?.ledgerSecretKey.every((byte) => byte === 0)).to.equal(true)
      expect(keySet?.openingSecretKey.every((byte) => byte === 0)).to.equal(true)
    })
  })
}
