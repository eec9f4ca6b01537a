import {
  type BrowserClient,
  type ClientEvent,
  type ClientSettings,
  createBrowserClient,
  isOrlopError,
  openLedger,
  TextKeyring,
} from '@orlop/client-sdk/browser'
import type { Deployment } from '@orlop/protocol/deployment'
import {
  bytesOf,
  type SuiteClient,
  suiteClientOf,
  type SuiteStoreRequest,
} from '../testkit/suite-client.ts'

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
  /** Stores, and gives up when the nodes have been told to keep it. @returns the code of the failure. */
  interrupt(request: SuiteStoreRequest): Promise<string>
  /** Continues what was interrupted. @returns the names of what is stored now. */
  resume(): Promise<string[]>
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
    return suiteClientOf(openClient())[method](request)
  },
  async interrupt({ name, content }) {
    const stop = new AbortController()
    const onProgress = ({ type }: ClientEvent) => {
      if (type === 'committed') stop.abort()
    }
    const source = { bytes: bytesOf(content) }
    try {
      await openClient().store({ source, name }, { signal: stop.signal, onProgress })
    } catch (error) {
      if (isOrlopError(error)) return error.code
      throw error
    }
    return 'stored'
  },
  async resume() {
    const { stored } = await openClient().resume()
    return stored.map(({ name }) => name)
  },
}

function openClient(): BrowserClient {
  if (client === null) throw new TypeError('client: expected to be open')
  return client
}

Object.assign(globalThis, { orlopPage: page })
