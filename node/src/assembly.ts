import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import type { Verb } from '@orlop/protocol/wire/frame'
import type { ChannelHandler, Transport } from '@orlop/transport/transport'
import { createHandlers } from './handlers/create-handlers.ts'
import { lockHome } from './home-lock.ts'
import { Duties } from './network/duties.ts'
import { Health } from './network/health.ts'
import { LedgerView } from './network/ledger-view.ts'
import { Membership } from './network/membership.ts'
import { NodeDialer } from './network/node-dialer.ts'
import type { NodeParts } from './network/node-parts.ts'
import { NodeSigner } from './network/node-signer.ts'
import { PeerGate } from './network/peer-gate.ts'
import { SnapshotFile } from './network/snapshot-file.ts'
import { Spreader } from './network/spreader.ts'
import { StripSender } from './network/strip-sender.ts'
import type { CheckedDependencies } from './node-dependencies.ts'
import { nodeDuties } from './node-duties.ts'
import { openConfiguredStorage } from './open-configured-storage.ts'
import type { CheckedNodeOptions } from './options.ts'
import type { NodeStorage } from './storage/interfaces.ts'

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

/** A node that serves. */
export interface AssembledNode {
  nodeId: number
  transport: Transport
  storage: NodeStorage
  health: Health
}

/** Puts a node together, from lock to duties. */
export class Assembly {
  /** What ends that which was begun, in the order of beginning. */
  readonly stops: (() => Promise<void>)[] = []
  readonly #dependencies: CheckedDependencies
  readonly #options: CheckedNodeOptions
  readonly #ledger: LedgerView
  readonly #membership: Membership
  #handlers: Partial<Record<Verb, ChannelHandler>> = {}

  constructor(dependencies: CheckedDependencies, options: CheckedNodeOptions) {
    const { chain, clock } = dependencies
    this.#dependencies = dependencies
    this.#options = options
    this.#ledger = new LedgerView(chain, { clock, freshMs: options.registryFreshMs })
    this.#membership = new Membership(dependencies, options, this.#ledger)
  }

  /** Takes the home, listens, registers, opens the disk, serves. Once. */
  async run(): Promise<AssembledNode> {
    const lock = await lockHome(this.#options.home)
    this.stops.push(() => lock.release())
    const snapshots = await this.#restoreLedger()
    const transport = await this.#listen()
    await this.#membership.join(transport)
    const { nodeId } = this.#membership
    const storage = await openConfiguredStorage(nodeId, this.#dependencies, this.#options)
    this.stops.push(() => storage.close())
    const parts = this.#connect(transport, storage)
    await this.#serve(parts)
    // When the node stops, nobody may still be served when the disk is closed.
    this.stops.push(() => transport.stop())
    const health = new Health({ ...parts, reader: this.#dependencies.chain })
    await this.#startDuties({ storage, transport, snapshots })
    return { nodeId, transport, storage, health }
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
        const { nodeId: id } = this.#membership
        if (id === 0) throw starting()
        return { role: 'node', id, signingKey: ledgerKey, deployment: chain.deployment }
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

  /** Everything that handlers share. */
  #connect(transport: Transport, storage: NodeStorage): NodeParts {
    const { chain, ledgerKey, clock, timers, random, logger, meter } = this.#dependencies
    const { deployment } = chain
    const { nodeId } = this.#membership
    const dialer = new NodeDialer({ transport, ledger: this.#ledger, deployment })
    const sender = new StripSender({ storage, dialer, deployment })
    const { spreadRetryMs: startMs, spreadRetryCeilingMs: ceilingMs } = this.#options
    const spreader = new Spreader(
      { storage, sender, clock, timers, random, logger },
      { backoff: { startMs, ceilingMs } },
    )
    spreader.subscribe(({ kind }) => {
      meter.add(kind === 'acked' ? 'strips_spread_total' : 'spread_failures_total', 1)
    })
    return {
      nodeId,
      deployment,
      reader: chain,
      ledger: this.#ledger,
      signer: new NodeSigner({ nodeId, deployment, ledgerKey }),
      storage,
      dialer,
      spreader,
      meter,
      clock,
      timers,
      logger,
      limits: this.#options,
    }
  }

  async #serve(parts: NodeParts): Promise<void> {
    const { storage, spreader } = parts
    await this.#reconcile(storage).catch((error: unknown) => {
      // The heartbeat asks again.
      if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
    })
    this.#handlers = createHandlers(parts)
    for (const part of [storage.outbox, storage.relay, spreader]) {
      this.stops.push(() => part.stop())
      await part.start()
    }
  }

  /** A home restored from an old copy must not use receipt numbers twice. */
  async #reconcile(storage: NodeStorage): Promise<void> {
    if (!(await storage.reconcile())) return
    this.#dependencies.logger.warn({}, 'the ledger has receipts this disk forgot')
  }

  async #startDuties(started: {
    storage: NodeStorage
    transport: Transport
    snapshots: SnapshotFile
  }): Promise<void> {
    const { storage, transport, snapshots } = started
    const { timers, logger } = this.#dependencies
    const list = nodeDuties({
      nodeId: this.#membership.nodeId,
      dependencies: this.#dependencies,
      options: this.#options,
      storage,
      register: () => this.#membership.complete(transport),
      reconcile: () => this.#reconcile(storage),
      writeSnapshot: () => snapshots.write(this.#ledger.snapshot()),
    })
    const duties = new Duties(list, { timers, logger })
    this.stops.push(() => duties.stop())
    await duties.start()
  }
}

function starting(): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    'The node is starting and does not serve yet. Try again in a moment.',
  )
}
