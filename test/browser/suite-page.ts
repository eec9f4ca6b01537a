import {
  type BrowserClient,
  type ClientEvent,
  type ClientSettings,
  createBrowserClient,
  isOrlopError,
  openLedger,
  TextKeyring,
  type WebWorker,
} from '@orlop/client-sdk/browser'
import { ownWorker } from '@orlop/client-sdk/browser/page-crews'
import type { Deployment } from '@orlop/protocol/deployment'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
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
  /** What the page's workers did so far, and what was said of them. */
  work(): PageWork
  close(): Promise<void>
}

/** Chunks that web workers sealed and opened, as the page's own thread sees their answers. */
export interface PageWork {
  readonly sealedChunks: number
  readonly openedChunks: number
  readonly warnings: readonly string[]
}

let client: BrowserClient | null = null
let sealedChunks = 0
let openedChunks = 0
const warnings: string[] = []
const logger: Logger = { ...silentLogger, warn: (_, message) => warnings.push(message) }

/** The SDK's own worker, whose answers are counted. */
function countedWorker(): WebWorker {
  const worker = ownWorker()
  worker.addEventListener('message', ({ data }) => {
    const { result = {} } = data as { readonly result?: object }
    if ('codec' in result) sealedChunks += 1
    if ('used' in result) openedChunks += 1
  })
  return worker
}

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
      logger,
      worker: countedWorker,
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
  work() {
    return { sealedChunks, openedChunks, warnings }
  },
  async close() {
    await openClient().close()
  },
}

function openClient(): BrowserClient {
  if (client === null) throw new TypeError('client: expected to be open')
  return client
}

Object.assign(globalThis, { orlopPage: page })
