import { NO_EVIDENCE, applyRating, creditOf, type Evidence } from '@orlop/contracts/credit-math'
import type { RatingEvent, RegistryEvent, Unplaced } from '@orlop/protocol/history-events'
import type {
  ClientRecord,
  LedgerHead,
  NodeRecord,
  ObjectEvent,
  Receipt,
} from '@orlop/protocol/ledger-records'
import { closeSync, openSync, writeSync } from 'node:fs'
import { formatBlock, formatStandings, type RecordedLogs } from './recorded-log.ts'
import { Seeded } from './seeded.ts'

export interface RecordedLogOptions {
  path: string
  receipts: number
  seed: number
  signal?: AbortSignal
}

const NODES = 8
const CLIENTS = 40
const BATCH = 100
const STRIPS = 3
const MONTH_SECONDS = 30 * 86_400
/** 2026-01-01, and the year after it. */
const START_MS = 1_767_225_600_000
const YEAR_MS = 365 * 86_400_000
/** Ratings after each batch. */
const RATED_OF_BATCH = 10
const UPDATED_EVERY_BATCHES = 20
const NO_LOGS: RecordedLogs = {
  receipts: [],
  objectEvents: [],
  ratingEvents: [],
  registryEvents: [],
}
const CLASS_CODES = [1, 2, 3, 4, 4, 4, 5, 6, 7, 9, 9, 10]
const SHIPS = ['Aurora', 'Bergen', '远洋', 'Cape Horn', 'Dunlin', '海星', 'Estuary', 'Fulmar']

/**
 * Writes the history of a fleet over a year: objects of three strips each at three of eight nodes, put on the ledger by each node in
 * batches, some rated, extended, removed or moved; and what nodes and clients do in the registry. The same seed gives the same bytes.
 */
export async function writeRecordedLog(options: RecordedLogOptions): Promise<void> {
  const file = openSync(options.path, 'w')
  try {
    const history = new FleetHistory(options)
    for (const block of history.blocks()) {
      writeSync(file, block)
      if (options.signal?.aborted === true) break
      await Promise.resolve()
    }
    writeSync(file, formatStandings(history.standings()))
  } finally {
    closeSync(file)
  }
  options.signal?.throwIfAborted()
}

class FleetHistory {
  readonly #random: Seeded
  readonly #receipts: number
  readonly #stepMs: number
  readonly #evidence = new Map<number, Evidence>()
  readonly #sequences = new Map<number, number>()
  #blockNumber = 0
  #batches = 0
  #logIndex = 0
  #head: LedgerHead = { blockNumber: 0, blockHash: '', blockTimeMs: START_MS }

  constructor({ receipts, seed }: RecordedLogOptions) {
    this.#random = new Seeded(seed)
    this.#receipts = receipts
    this.#stepMs = Math.max(
      1000,
      Math.floor(YEAR_MS / (2 * Math.ceil(receipts / BATCH)) / 1000) * 1000,
    )
  }

  *blocks(): Generator<string> {
    const waiting = Array.from({ length: NODES }, (): Omit<Receipt, 'batchId' | 'position'>[] => [])
    yield this.#registrations()
    for (let made = 0; made < this.#receipts;) {
      const strips = this.#object(Math.min(STRIPS, this.#receipts - made))
      made += strips.length
      for (const strip of strips) {
        const queue = waiting[strip.nodeId - 1] ?? []
        queue.push(strip)
        if (queue.length === BATCH) yield* this.#batch(queue.splice(0))
      }
    }
    for (const queue of waiting) if (queue.length > 0) yield* this.#batch(queue)
  }

  standings() {
    const address = (kind: string, id: number) => `0x${kind}${id.toString(16).padStart(38, '0')}`
    const nodes = Array.from({ length: NODES }, (_, place): NodeRecord => {
      const evidence = this.#evidence.get(place + 1) ?? NO_EVIDENCE
      return {
        nodeId: place + 1,
        account: address('a0', place + 1),
        name: `A0${place + 1}`,
        peerId: `12D3KooWBench${place + 1}`,
        addresses: [`/dns4/a0${place + 1}.example/tcp/4001`],
        tier: place === NODES - 1 ? 'light' : 'heavy',
        region: place % 2 === 0 ? 'NOBGO' : 'SGSIN',
        capacityBytes: 2 ** 44,
        freeBytes: 2 ** 43,
        lastSeenMs: this.#head.blockTimeMs,
        state: 'admitted',
        isMaster: place === 0,
        creditMillionths: creditOf(evidence),
        ratings: Number(evidence.round),
      }
    })
    const clients = Array.from({ length: CLIENTS }, (_, place) => ({
      clientId: place + 1,
      signer: address('c0', place + 1),
      recovery: address('d0', place + 1),
      openingKey: new Uint8Array(32).fill(place + 1),
      imoNumber: 9_074_729 + place,
      name: `MV ${SHIPS[place % SHIPS.length] ?? ''} ${place + 1}`,
      state: 'admitted' as const,
      minimumImportance: 0,
      nonce: 0,
    }))
    return { nodes, clients }
  }

  #object(count: number): Omit<Receipt, 'batchId' | 'position'>[] {
    const random = this.#random
    const first = random.below(NODES)
    const common = {
      objectId: random.bytes(32),
      headerHash: random.bytes(32),
      streamBytes: 1024 + random.below(8 * 1024 * 1024),
      expiry: Math.floor(this.#head.blockTimeMs / 1000) + MONTH_SECONDS * (1 + random.below(24)),
      clientId: 1 + random.below(CLIENTS),
      classCode: random.of(CLASS_CODES),
      ...{ k: 1, m: STRIPS - 1, level: random.below(4) === 0 ? 1 : 2, flags: 1 },
    }
    return Array.from({ length: count }, (_, index) => {
      const nodeId = 1 + ((first + index * 3) % NODES)
      const sequence = this.#sequences.get(nodeId) ?? 0
      this.#sequences.set(nodeId, sequence + 1)
      return { ...common, root: random.bytes(32), sequence, nodeId, index }
    })
  }

  /** A block with the batch, and one with what clients and steward do about it. */
  *#batch(queue: Omit<Receipt, 'batchId' | 'position'>[]): Generator<string> {
    this.#nextBlock()
    const batchId = ++this.#batches
    const transactionHash = this.#random.hash()
    const receipts = queue.map((each) => ({
      ...each,
      batchId,
      position: this.#place(transactionHash),
    }))
    yield this.#format({ ...NO_LOGS, receipts })
    this.#nextBlock()
    const ratingEvents = receipts.slice(0, RATED_OF_BATCH).map((receipt) => this.#rate(receipt))
    const registryEvents = [this.#heartbeat(1 + this.#random.below(NODES))]
    if (batchId % UPDATED_EVERY_BATCHES === 0) registryEvents.push(...this.#changes())
    const [extended, removed, updated] = receipts.slice(-3)
    const objectEvents: ObjectEvent[] = []
    if (extended !== undefined) {
      const { objectId, clientId, index } = extended
      const expiry = extended.expiry + MONTH_SECONDS
      const position = this.#place(this.#random.hash())
      objectEvents.push({ kind: 'extended', objectId, clientId, index, expiry, position })
    }
    if (removed !== undefined) {
      const { objectId, clientId } = removed
      const position = this.#place(this.#random.hash())
      objectEvents.push({ kind: 'removed', objectId, clientId, index: 255, position })
    }
    if (updated !== undefined) {
      const { objectId, clientId } = updated
      const envelopeHash = this.#random.bytes(32)
      const position = this.#place(this.#random.hash())
      objectEvents.push({
        kind: 'envelope',
        objectId,
        clientId,
        version: 2,
        envelopeHash,
        position,
      })
    }
    yield this.#format({ receipts: [], objectEvents, ratingEvents, registryEvents })
  }

  /** The first block: everybody registers. */
  #registrations(): string {
    this.#nextBlock()
    const { nodes, clients } = this.standings()
    const registryEvents = [...nodes.map(registration), ...clients.map(enrolment)].map(
      (event): RegistryEvent => ({ ...event, position: this.#place(this.#random.hash()) }),
    )
    return this.#format({ ...NO_LOGS, registryEvents })
  }

  #heartbeat(nodeId: number): RegistryEvent {
    const freeBytes = this.#random.below(2 ** 32)
    return { kind: 'heartbeat', nodeId, freeBytes, position: this.#place(this.#random.hash()) }
  }

  /** A node moves to another address, and a client is let in anew. */
  #changes(): RegistryEvent[] {
    const nodeId = 1 + this.#random.below(NODES)
    const node = this.standings().nodes[nodeId - 1]
    if (node === undefined) throw new RangeError(`nodeId: expected a node, got ${nodeId}`)
    const addresses = [`/dns4/a0${nodeId}.example/tcp/${4000 + this.#random.below(1000)}`]
    const state = { from: 'admitted', to: 'admitted', minimumImportance: 0, reason: '' } as const
    const clientId = 1 + this.#random.below(CLIENTS)
    return [
      {
        kind: 'nodeUpdated',
        nodeId,
        profile: { ...profileOf(node), addresses },
        position: this.#place(this.#random.hash()),
      },
      {
        kind: 'clientStateChanged',
        clientId,
        ...state,
        position: this.#place(this.#random.hash()),
      },
    ]
  }

  /** One in fifty does not count. */
  #rate({ nodeId, clientId, sequence }: Receipt): RatingEvent {
    const position = this.#place(this.#random.hash())
    const about = { kind: 'rated', nodeId, clientId, sequence } as const
    if (this.#random.below(50) === 0) {
      return { ...about, score: 5, causeCode: 1, change: null, position }
    }
    const before = this.#evidence.get(nodeId) ?? NO_EVIDENCE
    const score = this.#random.below(20) < 18 ? 5 : 1 + this.#random.below(4)
    const after = applyRating(before, score)
    this.#evidence.set(nodeId, after)
    return {
      ...{ ...about, score, causeCode: score === 5 ? 1 : 2 },
      change: { beforeMillionths: creditOf(before), afterMillionths: creditOf(after) },
      position,
    }
  }

  #nextBlock(): void {
    this.#blockNumber += 1
    this.#logIndex = 0
    const blockTimeMs = START_MS + this.#blockNumber * this.#stepMs
    this.#head = { blockNumber: this.#blockNumber, blockHash: this.#random.hash(), blockTimeMs }
  }

  #place(transactionHash: string) {
    return { ...this.#head, transactionHash, logIndex: this.#logIndex++ }
  }

  #format(logs: RecordedLogs): string {
    return formatBlock({ head: this.#head, logs })
  }
}

function profileOf({ name, peerId, addresses, region, capacityBytes }: NodeRecord) {
  return { name, peerId, addresses, region, capacityBytes }
}

function registration(node: NodeRecord): Unplaced<RegistryEvent> {
  const { nodeId, account, tier } = node
  return { kind: 'nodeRegistered', nodeId, account, tier, profile: profileOf(node) }
}

function enrolment(client: ClientRecord): Unplaced<RegistryEvent> {
  const { clientId, signer, recovery, openingKey, imoNumber, name } = client
  return { kind: 'clientRegistered', clientId, signer, recovery, openingKey, imoNumber, name }
}
