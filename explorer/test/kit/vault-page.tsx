import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId, type UnfinishedUpload } from '@orlop/client-sdk/browser'
import { createRoot } from 'react-dom/client'
import { browserSaver } from '../../src/vault/client/browser-saver.ts'
import { BrowserShelf } from '../../src/vault/client/browser-shelf.ts'
import { MemoryServices } from '../../src/vault/testkit/memory-services.ts'
import {
  MemoryVaultClient,
  sampleNode,
  sampleRecord,
} from '../../src/vault/testkit/memory-vault-client.ts'
import {
  entryOf,
  HOSTILE_NAME,
  namedBytes,
  SAMPLE_NOW_MS,
  type Sample,
} from '../../src/vault/testkit/sample-entries.ts'
import { VaultSite } from '../../src/vault/vault-site.tsx'

/** What the page's address tells after `?`. */
export type VaultFixtureMode =
  | 'full'
  | 'empty'
  /** The list never comes. */
  | 'loading'
  /** The list cannot be read. */
  | 'failing'
  /** There is a list, and nobody answers anything else. */
  | 'away'
  | 'uploading'
  | 'new'
  | 'waiting'
  | 'suspended'

const away = () =>
  Promise.reject(new OrlopError('NODE_UNREACHABLE', 'No node answers. Try again later.'))

/** The passphrase that opens every keyring here. */
const PASSPHRASE = 'seven bells and a calm sea'
const OTHER = 12
const IDLE_START_MS = 1_000

/** What tests reach in the page. */
export interface VaultFixture {
  readonly client: MemoryVaultClient
  readonly services: MemoryServices
  /** The steward admits the client. */
  readonly admit: () => void
  readonly keyChanged: OrlopError
  readonly wrongKey: OrlopError
  /** The object of a name. */
  readonly idOf: (name: string) => string
}

const IMPORTANCE_OF = {
  'voyage-plan': 'critical',
  image: 'important',
  'nmea-log': 'important',
  document: 'critical',
  log: 'routine',
  data: 'routine',
} as const

const text = (content: string) => new TextEncoder().encode(content)
const sampleUrl = (name: string) => new URL(`samples/${name}`, location.href).href

async function contentOf(name: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(sampleUrl(name))).arrayBuffer())
}

/** A voyage's files, one of another client, and enough of one kind to fill a page. */
async function samples(): Promise<Sample[]> {
  const labels = { voyage: '2203-E' }
  const manifest = 'container;weight;port\nMSKU 8032210;21.4;GRPIR\nTGHU 5521099;18.0;CNNGB\n'
  const plan = await contentOf('voyage-plan-2022-03-22.txt')
  const photo = await contentOf('quay-photo.jpg')
  const log = await contentOf('plaka-excerpt.nmea')
  const few = [
    [
      'voyage-plan-2022-03-22.txt',
      'voyage-plan',
      plan,
      { labels, sharedWith: 1, state: 'recorded' },
    ],
    ['quay-photo.jpg', 'image', photo, { labels, mediaType: 'image/jpeg' }],
    ['plaka-excerpt.nmea', 'nmea-log', log, { labels }],
    ['航次计划/大副签字-2026-11-20.csv', 'document', text(manifest), { sharedWith: 2 }],
    ['tampered-log.bin', 'log', namedBytes('tampered'), { state: 'stored' }],
    [HOSTILE_NAME, 'data', text('<script>alert(1)</script>'), {}],
    ['charter-party.pdf', 'document', text('%PDF-1.7\n'), { ownerId: OTHER }],
  ] as const
  return [
    ...few.map(([name, dataClass, content, more], place): Sample => {
      const importance = IMPORTANCE_OF[dataClass]
      return { name, dataClass, importance, content, hoursAgo: place ** 2 + 0.4, ...more }
    }),
    ...Array.from({ length: 14 }, (_, place): Sample => ({
      name: `telemetry/engine-2026-11-${String(21 - place).padStart(2, '0')}.csv`,
      ...{ dataClass: 'telemetry', importance: 'routine', labels: { engine: 'main' } },
      content: text('time,rpm,temperature\n'.repeat(400 * (place + 1))),
      hoursAgo: 40 + place * 24,
    })),
  ]
}

const LEFT: UnfinishedUpload = {
  objectId: formatObjectId(namedBytes('left')),
  name: 'vdr-2026-11-19.zip',
  state: 'sealed',
  isActive: false,
  isSealed: true,
  plainBytes: 48_000_000,
  durableBytes: 21_300_000,
  totalBytes: 47_200_000,
  requestKey: null,
}

async function makeClient(mode: VaultFixtureMode): Promise<MemoryVaultClient> {
  const client = new MemoryVaultClient(recordOf(mode))
  client.registryNodes = Array.from({ length: 6 }, (_, place) => sampleNode(place + 1))
  if (mode === 'empty' || mode === 'new' || mode === 'waiting') return client
  const all = await samples()
  client.entries = all.map(entryOf)
  for (const [place, { content }] of all.entries()) {
    const entry = client.entries[place]
    if (entry === undefined) continue
    client.contents.set(formatObjectId(entry.objectId), content)
    client.sharing.set(
      formatObjectId(entry.objectId),
      new Set(Array.from({ length: entry.sharedWith ?? 0 }, (_, other) => OTHER + other)),
    )
  }
  if (mode === 'loading') client.list = () => new Promise(() => undefined)
  if (mode === 'failing') client.list = away
  if (mode === 'away') {
    const silent = { open: away, status: away, recipients: away, nodes: away, recover: away }
    Object.assign(client, { ...silent, share: away, verify: away })
  }
  if (mode === 'uploading') {
    client.unfinished = [
      LEFT,
      { ...LEFT, objectId: formatObjectId(namedBytes('lost')), name: 'noon.txt', isSealed: false },
    ]
    client.onStep = (step, name) =>
      name.startsWith(step) ? new Promise(() => undefined) : Promise.resolve()
  }
  return client
}

function recordOf(mode: VaultFixtureMode) {
  if (mode === 'new') return null
  if (mode === 'waiting') return sampleRecord('pending')
  return sampleRecord(mode === 'suspended' ? 'suspended' : 'admitted')
}

async function show(root: HTMLElement): Promise<void> {
  const mode = (new URLSearchParams(location.search).get('mode') ?? 'full') as VaultFixtureMode
  const client = await makeClient(mode)
  const clock = { nowMs: () => SAMPLE_NOW_MS, monotonicMs: () => IDLE_START_MS + performance.now() }
  const services = new MemoryServices({ client, clock, passphrase: PASSPHRASE })
  const shelf = new BrowserShelf(() => localStorage)
  const page = Object.assign(services, { saver: browserSaver, shelf })
  const admit = () => {
    client.record = sampleRecord('admitted')
  }
  const keyChanged = new OrlopError('RECIPIENT_KEY_CHANGED', 'Another key. Nothing was shared.')
  const wrongKey = new OrlopError('WRONG_KEY', 'None of these keys opens the object.')
  const idOf = (name: string) => {
    const entry = client.entries.find((one) => one.name === name)
    return entry === undefined ? '' : formatObjectId(entry.objectId)
  }
  const vaultFixture: VaultFixture = { client, services, admit, keyChanged, wrongKey, idOf }
  Object.assign(globalThis, { vaultFixture })
  createRoot(root).render(<VaultSite services={page} />)
}

const root = document.getElementById('root')
if (root !== null) await show(root)
