import { type Clock, systemClock } from '@orlop/protocol/clock'
import { silentLogger } from '@orlop/protocol/logger'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import type { Transport } from '@orlop/transport/transport'
import type { OrlopClient } from '../client.ts'
import {
  assertSameDeployment,
  type ClientOptions,
  composeClient,
  type TransportIdentity,
} from '../compose-client.ts'
import { defaultPolicy } from '../policy/default-policy.generated.ts'
import type { Policy } from '../policy/schema.ts'
import { SOFTWARE } from '../software.ts'
import { openPageHome } from './open-page-home.ts'
import { ownWorker, pageCrews } from './page-crews.ts'
import type { WebWorker } from './start-web-worker.ts'

/** What a client in a web page is made of. */
export interface CreateBrowserClientOptions extends Omit<ClientOptions, 'transport'> {
  /**
   * Name of the client's place in the browser's storage, with catalogue, uploads under way and what was measured; made when missing. One
   * page at a time. Null keeps everything in memory, forgotten with the page.
   */
  readonly home: string | null
  /** Address of the gateway that passes frames on to the nodes, such as `https://gateway.example`. It sees ciphertext only. */
  readonly gateway: string
  /** The default policy for ship data when left out. */
  readonly policy?: Policy
  /**
   * Makes a web worker that runs `@orlop/client-sdk/browser/page-worker`, for pages that keep its script elsewhere than beside their
   * own. What it makes is given the keys of the objects it works on. Null for none: chunks are then sealed and opened in the page's
   * own thread.
   */
  readonly worker?: (() => WebWorker) | null
  /** In place of the gateway's relay. */
  readonly transport?: ClientOptions['transport']
  readonly clock?: Clock
}

/** A client of the storage network in a web page. `path` sources of `store` are refused there: see `blobSource`. */
export type BrowserClient = Omit<OrlopClient, 'retrieveToFile'>

/**
 * Makes a client in a web page: opens its home and its way to the gateway. No connection is made before one is needed. Keys and
 * plaintext stay in the page and its web workers, which seal, open and hash, and end with the client. Where the browser or the page's
 * policy allows none, the page's own thread does their work, and a warning goes to `logger`.
 *
 * @example
 * ```ts
 * const keyring = await TextKeyring.open({ text: await file.text(), passphrase, save })
 * const client = await createBrowserClient({ home: 'vault', gateway: location.origin, keyring, deployment })
 * const { entry, stream } = await client.retrieve({ objectId })
 * ```
 *
 * @throws OrlopError `HOME_LOCKED` when another tab has the home open; `CONFIG_INVALID` for an address that is none, or a browser
 *   without storage for this page; `LEDGER_MISMATCH` when the ledger reader is of another deployment.
 */
export async function createBrowserClient(
  options: CreateBrowserClientOptions,
): Promise<BrowserClient> {
  assertSameDeployment(options)
  const { clock = systemClock, policy = defaultPolicy, gateway } = options
  const { transport = relayTransport(gateway), worker = ownWorker, logger = silentLogger } = options
  const home = await openPageHome(options.home, clock)
  const parts = { home, files: null, ownCrews: pageCrews({ worker, logger }), policy, clock }
  return composeClient({ ...options, transport }, parts)
}

function relayTransport(url: string) {
  return (identity: TransportIdentity): Promise<Transport> => {
    const { self, admit } = identity
    return Promise.resolve(createRelayTransport({ url, self, admit, software: SOFTWARE }))
  }
}
