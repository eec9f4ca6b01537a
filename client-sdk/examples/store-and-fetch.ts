import { createClient, FileKeyring, openLedger } from '@orlop/client-sdk/index'

/** Stores a file and fetches it back. The keyring's client is registered and admitted (see docs/sdk.md). */
export async function storeAndFetch({ home, network, file, copy, passphrase }: StoreAndFetch) {
  const { rpcUrl, deployment } = network
  // README: begin
  const keyring = await FileKeyring.open({ file: `${home}/keyring.json`, passphrase })
  const ledger = openLedger({ rpcUrl, deployment })
  const client = await createClient({ home, keyring, deployment, ledger })
  const stored = await client.store({ source: { path: file }, waitFor: 'recorded' })
  await client.retrieveToFile({ objectId: stored.objectId, file: copy })
  await client.close()
  // README: end
  return stored
}

export interface StoreAndFetch {
  home: string
  network: Parameters<typeof openLedger>[0]
  file: string
  copy: string
  passphrase: string
}
