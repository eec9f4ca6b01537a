import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { NodeProfile } from '@orlop/protocol/ledger'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { ChannelHandler, Transport } from '@orlop/transport/transport'
import { createHandlers } from './handlers/create-handlers.ts'
import { type HomeLock, lockHome } from './home-lock.ts'
import { AdmissionDesk } from './network/admission-desk.ts'
import { Duties, type Duty } from './network/duties.ts'
import { Health } from './network/health.ts'
import { LedgerView } from './network/ledger-view.ts'
import { NodeDialer } from './network/node-dialer.ts'
import type { NodeParts } from './network/node-parts.ts'
import { NodeSigner } from './network/node-signer.ts'
import { PeerGate } from './network/peer-gate.ts'
import { claimMaster, register } from './network/registration.ts'
import { SnapshotFile } from './network/snapshot-file.ts'
import { Spreader } from './network/spreader.ts'
import { StripSender } from './network/strip-sender.ts'
import type { CheckedDependencies } from './node-dependencies.ts'
import type { CheckedNodeOptions } from './options.ts'
import type { NodeStorage } from './storage/interfaces.ts'
import { openNodeStorage } from './storage/open-node-storage.ts'

/** The verbs a node serves. */
const VERBS: readonly Verb[] = [
  'offer',
  'store',
  'spread',
  'commit',
  'fetch',
  'status',
  'envelope',
  'remove',
  'relay',
]

/** How often a start without a ledger asks for it again, at the most. */
const LONGEST_RETRY_MS = 30_000

/** One run of a node, from lock to lock. */
export class RunningNode {
  readonly nodeId: number
  readonly transport: Transport
  readonly storage: NodeStorage
  readonly health: Health
  readonly #stops: readonly (() => Promise<void>)[]

  private constructor(parts: {
    nodeId: number
    transport: Transport
    storage: NodeStorage
    health: Health
    stops: readonly (() => Promise<void>)[]
  }) {
    this.nodeId = parts.nodeId
    this.transport = parts.transport
    this.storage = parts.storage
    this.health = parts.health
    this.#stops = parts.stops
  }

  /** Takes the home, listens, registers, opens the disk, serves. What was begun is undone when a step fails. */
  static async start(
    dependencies: CheckedDependencies,
    options: CheckedNodeOptions,
  ): Promise<RunningNode> {
    const assembly = new Assembly(dependencies, options)
    try {
      return new RunningNode(await assembly.run())
    } catch (error) {
      await undo(assembly.stops)
      throw error
    }
  }

  async stop(): Promise<void> {
    await undo(this.#stops)
  }
}

/** Ends in the opposite order of beginning; one failure does not keep the others from ending. */
async function undo(stops: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const stop of stops.toReversed()) {
    await stop().catch((error: unknown) => failures.push(error))
  }
  if (failures.length > 0) throw failures[0]
}

class Assembly {
  readonly stops: (() => Promise<void>)[] = []
  readonly #dependencies: CheckedDependencies
  readonly #options: CheckedNodeOptions
  readonly #ledger: LedgerView
  #nodeId = 0
  #handlers: Partial<Record<Verb, ChannelHandler>> = {}

  constructor(dependencies: CheckedDependencies, options: CheckedNodeOptions) {
    const { chain, clock } = dependencies
    this.#dependencies = dependencies
    this.#options = options
    this.#ledger = new LedgerView(chain, { clock, freshMs: options.registryFreshMs })
  }

  async run() {
    const lock: HomeLock = await lockHome(this.#options.home)
    this.stops.push(() => lock.release())
    const snapshots = await this.#restoreLedger()
    const transport = await this.#listen()
    const isRegistered = await this.#learnNodeId(transport)
    const storage = await this.#openStorage()
    const parts = await this.#serve(transport, storage)
    // When the node stops, nobody may still be served when the disk is closed.
    this.stops.push(() => transport.stop())
    const health = new Health({ ...parts, reader: this.#dependencies.chain })
    await this.#startDuties({ parts, transport, snapshots, isRegistered })
    return { nodeId: this.#nodeId, transport, storage, health, stops: this.stops }
  }

  async #restoreLedger(): Promise<SnapshotFile> {
    const snapshots = new SnapshotFile(this.#options.home)
    const snapshot = await snapshots.read()
    if (snapshot !== null) this.#ledger.restore(snapshot)
    this.stops.push(() => snapshots.write(this.#ledger.snapshot()))
    return snapshots
  }

  async #listen(): Promise<Transport> {
    const { chain, createTransport, clock, logger, ledgerKey, meter } = this.#dependencies
    const transport = await createTransport({
      self: () => {
        this.#assertReady()
        const { deployment } = chain
        return { role: 'node', id: this.#nodeId, signingKey: ledgerKey, deployment }
      },
      admit: new PeerGate(this.#ledger, meter).admit,
      clock,
      logger,
    })
    for (const verb of VERBS) {
      transport.handle(verb, async (channel) => {
        const handler = this.#handlers[verb]
        if (handler === undefined) throw starting()
        await handler(channel)
      })
    }
    this.stops.push(() => transport.stop())
    await transport.start()
    return transport
  }

  #assertReady(): void {
    if (this.#nodeId === 0) throw starting()
  }

  /** @returns whether the ledger was reached; if not, the id known from an earlier run is used. */
  async #learnNodeId(transport: Transport): Promise<boolean> {
    const { chain, logger, timers } = this.#dependencies
    let pauseMs = this.#options.registrationRetryMs
    for (;;) {
      try {
        await this.#register(transport)
        return true
      } catch (error) {
        if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
        const known = this.#ledger.snapshot().nodes.find(({ account }) => account === chain.account)
        logger.warn({ err: error, nodeId: known?.nodeId }, 'the ledger is away at the start')
        if (known !== undefined) {
          this.#nodeId = known.nodeId
          return false
        }
      }
      await timers.wait(pauseMs, new AbortController().signal)
      pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)
    }
  }

  async #register(transport: Transport): Promise<void> {
    const { chain, logger } = this.#dependencies
    const nodeId = await register(chain, this.#profile(transport), logger)
    if (this.#options.claimMaster) await claimMaster(chain, nodeId, logger)
    await this.#ledger.nodes(true)
    this.#nodeId = nodeId
  }

  #profile({ peerId, addresses }: Transport): NodeProfile {
    const { name, tier, region, capacityBytes } = this.#options
    return { name, peerId, addresses: addresses.slice(0, 8), tier, region, capacityBytes }
  }

  async #openStorage(): Promise<NodeStorage> {
    const { chain, clock, timers, random, logger, blobs, storageMetrics } = this.#dependencies
    const options = this.#options
    const { home, capacityBytes, reserveDiskBytes, maxStripBytes, repairIndex } = options
    const { receiptBatch, receiptMaxAgeMs } = options
    const storage = await openNodeStorage(
      {
        nodeId: this.#nodeId,
        ledger: chain,
        clock,
        timers,
        random,
        logger,
        ...(blobs === undefined ? {} : { blobs }),
        ...(storageMetrics === undefined ? {} : { metrics: storageMetrics }),
      },
      {
        home,
        capacityBytes,
        repairIndex,
        ...(reserveDiskBytes === undefined ? {} : { reserveDiskBytes }),
        ...(maxStripBytes === undefined ? {} : { reservations: { maxStripBytes } }),
        outbox: {
          ...(receiptBatch === undefined ? {} : { batchReceipts: receiptBatch }),
          ...(receiptMaxAgeMs === undefined ? {} : { maxAgeMs: receiptMaxAgeMs }),
        },
      },
    )
    this.stops.push(() => storage.close())
    return storage
  }

  async #serve(transport: Transport, storage: NodeStorage): Promise<NodeParts> {
    const { chain, ledgerKey, clock, timers, random, logger, meter } = this.#dependencies
    const { deployment } = chain
    const dialer = new NodeDialer({ transport, ledger: this.#ledger, deployment })
    const sender = new StripSender({ storage, dialer, deployment })
    const { spreadRetryMs: startMs, spreadRetryCeilingMs: ceilingMs } = this.#options
    const spreader = new Spreader(
      { storage, sender, clock, timers, random, logger },
      { backoff: { startMs, ceilingMs } },
    )
    const parts: NodeParts = {
      nodeId: this.#nodeId,
      deployment,
      reader: chain,
      ledger: this.#ledger,
      signer: new NodeSigner({ nodeId: this.#nodeId, deployment, ledgerKey }),
      storage,
      dialer,
      spreader,
      meter,
      clock,
      timers,
      logger,
      limits: this.#options,
    }
    spreader.subscribe(({ kind }) => {
      meter.add(kind === 'acked' ? 'strips_spread_total' : 'spread_failures_total', 1)
    })
    await this.#reconcile(storage)
    this.#handlers = createHandlers(parts)
    for (const part of [storage.outbox, storage.relay, spreader]) {
      this.stops.push(() => part.stop())
      await part.start()
    }
    return parts
  }

  /** A home restored from an old copy must not use receipt numbers twice. */
  async #reconcile(storage: NodeStorage): Promise<boolean> {
    const { logger } = this.#dependencies
    try {
      if (await storage.reconcile()) logger.warn({}, 'the ledger has receipts this disk forgot')
      return true
    } catch (error) {
      if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
      return false
    }
  }

  async #startDuties(started: {
    parts: NodeParts
    transport: Transport
    snapshots: SnapshotFile
    isRegistered: boolean
  }): Promise<void> {
    const { timers, logger } = this.#dependencies
    const duties = new Duties(this.#dutiesOf(started), { timers, logger })
    this.stops.push(() => duties.stop())
    await duties.start()
  }

  #dutiesOf({
    parts: { storage },
    transport,
    snapshots,
    isRegistered,
  }: {
    parts: NodeParts
    transport: Transport
    snapshots: SnapshotFile
    isRegistered: boolean
  }): Duty[] {
    const { chain, clock, logger } = this.#dependencies
    const options = this.#options
    const { admitClients: clients, admitNodes: nodes } = options
    const desk = new AdmissionDesk({ chain, clock, logger }, { clients, nodes })
    let registered = isRegistered
    const heartbeat = async () => {
      if (!registered) {
        await this.#register(transport)
        registered = true
      }
      await chain.heartbeat(await storage.reservations.freeBytes())
      await this.#reconcile(storage)
    }
    const sweep = async () => {
      const report = await storage.sweep()
      logger.debug(report, 'swept')
    }
    return [
      { name: 'heartbeat', everyMs: options.heartbeatMs, atOnce: true, run: heartbeat },
      {
        name: 'admission',
        everyMs: options.admissionMs,
        atOnce: true,
        run: () => desk.run(this.#nodeId),
      },
      { name: 'sweep', everyMs: options.sweepMs, atOnce: false, run: sweep },
      {
        name: 'snapshot',
        everyMs: options.snapshotMs,
        atOnce: false,
        run: () => snapshots.write(this.#ledger.snapshot()),
      },
    ]
  }
}

function starting(): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    'The node is starting and does not serve yet. Try again in a moment.',
  )
}
