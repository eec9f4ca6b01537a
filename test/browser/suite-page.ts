import { createBrowserClient, openLedger, TextKeyring } from '@orlop/client-sdk/browser'
import type { BrowserClient, ClientSettings } from '@orlop/client-sdk/browser'
import type { Deployment } from '@orlop/protocol/deployment'
import { type SuiteClient, suiteClientOf } from '../testkit/suite-client.ts'

/** What a test gives the page to make its client of. */
export interface PageClientOptions {
  readonly home: string | null
  readonly gateway: string
  readonly keyringText: string
  readonly passphrase: string
  readonly deployment: Deployment
  readonly settings: Partial<ClientSettings>
  /** Where the ledger is read directly; through nodes when null. */
  readonly rpcUrl: string | null
  readonly nodes: readonly { readonly peerId: string; readonly addresses: string[] }[]
}

/** What the page offers to the test that drives it. */
export interface SuitePage {
  open(options: PageClientOptions): Promise<void>
  call(method: keyof SuiteClient, request: never): Promise<unknown>
  close(): Promise<void>
}

let client: BrowserClient | null = null

const page: SuitePage = {
  async open(options) {
    const { keyringText: text, passphrase, deployment, rpcUrl, nodes, ...own } = options
    const save = () => Promise.reject(new Error('expected no new keys'))
    const keyring = await TextKeyring.open({ text, passphrase, save })
    client = await createBrowserClient({
      ...own,
      keyring,
      deployment,
      bootstrap: nodes,
      ...(rpcUrl === null ? {} : { ledger: openLedger({ rpcUrl, deployment }) }),
    })
    await client.refresh()
  },
  call(method, request) {
    if (client === null) throw new TypeError('call: expected an open client')
    return suiteClientOf(client)[method](request)
  },
  async close() {
    await client?.close()
    client = null
  },
}

Object.assign(globalThis, { orlopPage: page })
