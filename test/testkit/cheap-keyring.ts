import { mkdir } from 'node:fs/promises'
import { keyringFile } from '@orlop/cli/open-client'
import { HomeLayout } from '@orlop/cli/devnet/layout'
import { FileKeyring } from '@orlop/client-sdk/keyring/file-keyring'

/** The least that is accepted for a passphrase: most tests are not about the cost, and every command pays it again. */
export const CHEAP = { logN: 10, r: 8, p: 1 }

/** Makes the keyring of a home's client, for commands that would otherwise make one at full cost. */
export async function makeCheapKeyring(home: string, passphrase: string): Promise<void> {
  const { clientHome } = new HomeLayout(home)
  await mkdir(clientHome, { recursive: true, mode: 0o700 })
  const file = keyringFile(clientHome)
  const { keyring } = await FileKeyring.create({ file, passphrase, cost: CHEAP })
  keyring.dispose()
}
