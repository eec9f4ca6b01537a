import {
  createBrowserClient,
  deletePageHome,
  formatRecoveryKey,
  openLedger,
  TextKeyring,
} from '@orlop/client-sdk/browser'
import { API_ROUTES } from '@orlop/protocol/api/routes'
import { apiNodes } from '@orlop/protocol/api/nodes'
import { wipe } from '@orlop/crypto/bytes'
import { systemClock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { type Fetch, fetchText } from '../config/fetch-text.ts'
import { readVaultConfig, type VaultConfig } from '../config/vault-config.ts'
import { browserSaver } from './browser-saver.ts'
import { BrowserShelf } from './browser-shelf.ts'
import { homeName } from './home-name.ts'
import type { VaultServices } from './vault-services.ts'

/** Nodes that a client without a ledger of its own begins with. */
const BOOTSTRAP_NODES = 20
const MAX_NODES_BYTES = 1024 * 1024

const fetchHere: Fetch = (url, options) => fetch(url, options)

/** The vault in a real browser. */
export function browserServices(): VaultServices {
  return {
    clock: systemClock,
    shelf: new BrowserShelf(() => localStorage),
    saver: browserSaver,
    readConfig: () => readVaultConfig(location.href, fetchHere),
    openKeyring: ({ text, label }, passphrase) =>
      TextKeyring.open({ text, label: `'${label}'`, passphrase, save: noNewKeys }),
    async makeKeyring(passphrase) {
      const saved: string[] = []
      const save = (text: string) => {
        saved.push(text)
        return Promise.resolve()
      }
      const { keyring, recoverySecretKey } = await TextKeyring.create({ passphrase, save })
      const recoveryKey = formatRecoveryKey(recoverySecretKey)
      wipe(recoverySecretKey)
      return { keyring, text: saved.at(-1) ?? '', recoveryKey }
    },
    async makeClient(keyring, config) {
      const { gateway, deployment, rpcUrl } = config
      const reading =
        rpcUrl === null
          ? { bootstrap: await askNodes(config) }
          : { ledger: openLedger({ rpcUrl, deployment }) }
      const home = homeName(keyring.recoveryAddress)
      return createBrowserClient({ home, gateway, keyring, deployment, ...reading })
    },
    forgetHome: (recoveryAddress) => deletePageHome(homeName(recoveryAddress)),
  }
}

/** Keys are replaced with the command line: the vault would have to make sure that their owner keeps the new file. */
function noNewKeys(): Promise<void> {
  return Promise.reject(new TypeError('keyring: expected the vault to add no keys'))
}

async function askNodes({ gateway }: VaultConfig) {
  const address = new URL(API_ROUTES.nodes.path, gateway)
  address.search = new URLSearchParams({
    state: 'admitted',
    limit: String(BOOTSTRAP_NODES),
  }).toString()
  try {
    const { text } = await fetchText(fetchHere, address.href, MAX_NODES_BYTES)
    const { items } = apiNodes.parse(JSON.parse(text))
    return items.map(({ peerId, addresses }) => ({ peerId, addresses }))
  } catch (cause) {
    throw new OrlopError(
      'NODE_UNREACHABLE',
      `The gateway at ${gateway} names no node. Check that it runs, or give a JSON-RPC address in config.json.`,
      { cause },
    )
  }
}
