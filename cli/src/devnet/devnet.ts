import { existsSync } from 'node:fs'
import { EMBEDDED_FINALITY } from '@orlop/contracts/embedded-ledger'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import { joinNetwork } from '../network-file.ts'
import { lockDevnet } from './devnet-lock.ts'
import { type DevnetState, DevnetStateFile } from './devnet-state.ts'
import { DEVNET_NODES, type HomeLayout, MASTER_NAME, type NodeSpec, programFile } from './layout.ts'
import { endProcess, isRunning, type ProcessRecord } from './process-record.ts'
import { spawnProcess } from './spawn-process.ts'
import { admitFleet, openSteward } from './steward.ts'

/** Told what happens while the network comes up, for people. */
export type Report = (line: string) => void

const READY_TIMEOUT_MS = 120_000
/** The ledger writes its state and nodes finish what they acknowledge: both take moments, not minutes. */
const GRACE_MS = 30_000

/** What of the embedded ledger counts as final. */
const FINAL_AFTER_MS = EMBEDDED_FINALITY.kind === 'age' ? EMBEDDED_FINALITY.ms : 0

interface LedgerReady {
  rpcUrl: string
  deployment: Deployment
}

export interface DevnetOptions {
  /** Where the explorer is served on this machine; 0 for any free port. */
  explorerPort?: number
}

/** Runs a script of ours as a part of this devnet; the ship's agent joins that way. */
export interface PartPlan {
  name: string
  script: string
  args: string[]
}

/** The development network of one home folder: an embedded ledger, eight nodes and a gateway, each a process of its own. */
export class Devnet {
  readonly #layout: HomeLayout
  readonly #stateFile: DevnetStateFile

  constructor(layout: HomeLayout) {
    this.#layout = layout
    this.#stateFile = new DevnetStateFile(layout.stateFile)
  }

  /** What was started here last; null when nothing ever was. */
  state(): DevnetState | null {
    return this.#stateFile.read()
  }

  /** Parts of this devnet that run now. */
  running(): ProcessRecord[] {
    return (this.state()?.processes ?? []).filter(isRunning)
  }

  /**
   * Brings the network up and returns when it is ready; it goes on running without this process. What an earlier run kept is there
   * again. Parts left over from a run that did not end in good order are ended first.
   *
   * @throws OrlopError `ALREADY_EXISTS` when it is up, `HOME_LOCKED` while another process changes it, `CONFIG_INVALID` in a home that is joined to another network, `TIMEOUT` or `INTERNAL` with the end of the log when a part does not start.
   */
  async up(report: Report, options: DevnetOptions = {}): Promise<DevnetState> {
    const unlock = lockDevnet(this.#layout.lockFile)
    try {
      return await this.#bringUp(report, options)
    } finally {
      unlock()
    }
  }

  async #bringUp(report: Report, options: DevnetOptions): Promise<DevnetState> {
    this.#assertOwnHome()
    const left = this.running()
    if (
      left.length > 0 &&
      this.state()?.isReady === true &&
      left.length === this.state()?.processes.length
    ) {
      throw new OrlopError(
        'ALREADY_EXISTS',
        `The network in ${this.#layout.devnet} is up already. Use it, or end it with 'orlop devnet down'.`,
      )
    }
    if (left.length > 0) {
      report(`ending ${left.length} processes of an earlier run`)
      await this.#bringDown()
    }
    this.#stateFile.write({
      version: 1,
      startedMs: Date.now(),
      isReady: false,
      rpcUrl: null,
      deployment: null,
      explorerUrl: null,
      processes: [],
    })
    try {
      const ledger = await this.#startLedger(report)
      const [explorerUrl] = await Promise.all([
        this.#startGateway(ledger, options.explorerPort ?? 0),
        this.#startNodes(ledger, report),
      ])
      report(`explorer ${explorerUrl}`)
      return this.#markReady({ ...ledger, explorerUrl })
    } catch (error) {
      await this.#bringDown()
      throw error
    }
  }

  /** A home with a network, where no devnet was ever started, was joined by `orlop init`. */
  #assertOwnHome(): void {
    const { home, networkFile } = this.#layout
    if (this.state() !== null || !existsSync(networkFile)) return
    throw new OrlopError(
      'CONFIG_INVALID',
      `${home} is joined to a network already, by 'orlop init'. Give the development network a folder of its own with --home.`,
    )
  }

  /** Ends exactly what this devnet started, youngest first. @returns how many were ended, and how many had to be killed. */
  async down(): Promise<{ ended: number; killed: number }> {
    const unlock = lockDevnet(this.#layout.lockFile)
    try {
      return await this.#bringDown()
    } finally {
      unlock()
    }
  }

  async #bringDown(): Promise<{ ended: number; killed: number }> {
    const state = this.state()
    const running = this.running()
    const isLedger = ({ name }: ProcessRecord) => name === 'ledger'
    const parts = running.filter((record) => !isLedger(record)).toReversed()
    const killedParts = await Promise.all(parts.map((record) => endProcess(record, GRACE_MS)))
    // The ledger goes last, so that nodes can still hand over their receipts.
    const killedLedgers = await Promise.all(
      running.filter(isLedger).map((record) => endProcess(record, GRACE_MS)),
    )
    if (state !== null) this.#stateFile.write({ ...state, isReady: false, processes: [] })
    const killed = [...killedParts, ...killedLedgers].filter(Boolean).length
    return { ended: running.length, killed }
  }

  /** Starts one more part, as `up` does. @returns what it said when it was ready. */
  async startPart<R>({ name, script, args }: PartPlan): Promise<R> {
    const { ready } = await spawnProcess<R>(
      { name, script, args, logFile: this.#layout.logFile(name), readyTimeoutMs: READY_TIMEOUT_MS },
      (record) => {
        this.#stateFile.addProcess(record)
      },
    )
    return ready
  }

  async #startLedger(report: Report): Promise<LedgerReady> {
    const ledger = await this.startPart<LedgerReady>({
      name: 'ledger',
      script: programFile('@orlop/contracts/ledger-main'),
      args: ['--home', this.#layout.ledgerHome, '--port', '0'],
    })
    report(`ledger   chain ${ledger.deployment.chainId}  ${ledger.rpcUrl}`)
    const { rpcUrl, deployment } = ledger
    joinNetwork(this.#layout.networkFile, { rpcUrl, deployment, finalAfterMs: FINAL_AFTER_MS })
    return ledger
  }

  /** Browsers may not ask the embedded ledger themselves: whoever can write to it can do what the steward can. */
  async #startGateway({ rpcUrl }: LedgerReady, port: number): Promise<string> {
    const { url } = await this.startPart<{ url: string }>({
      name: 'gateway',
      script: programFile('@orlop/gateway/main'),
      args: [
        ...['--home', this.#layout.gatewayHome, '--port', String(port)],
        ...['--rpc-url', rpcUrl, '--forward-rpc'],
        ...['--deployment', `${this.#layout.ledgerHome}/deployment.json`],
      ],
    })
    return url
  }

  async #startNodes(ledger: LedgerReady, report: Report): Promise<void> {
    await Promise.all(DEVNET_NODES.map((spec) => this.#startNode(spec, ledger, report)))
    await admitFleet(openSteward(this.#layout.ledgerHome, ledger), MASTER_NAME)
  }

  async #startNode(spec: NodeSpec, ledger: LedgerReady, report: Report): Promise<void> {
    const isMaster = spec.name === MASTER_NAME
    const ready = await this.startPart<{ nodeId: number; peerId: string }>({
      name: spec.name,
      script: programFile('@orlop/node/main'),
      args: [
        ...['--home', this.#layout.nodeHome(spec.name), '--name', spec.name, '--tier', spec.tier],
        ...['--region', spec.region, '--capacity', String(spec.capacityBytes)],
        ...['--listen', '/ip4/127.0.0.1/tcp/0', '--rpc-url', ledger.rpcUrl],
        ...['--deployment', `${this.#layout.ledgerHome}/deployment.json`],
        ...['--finality-age-ms', String(FINAL_AFTER_MS)],
        ...(isMaster ? ['--admit-clients', 'all', '--admit-nodes', 'all'] : []),
      ],
    })
    report(`node     ${spec.name}${isMaster ? ' master' : ''} ${spec.tier}  ${ready.peerId}`)
  }

  #markReady(network: LedgerReady & { explorerUrl: string }): DevnetState {
    const state = this.state()
    if (state === null) throw new RangeError('devnet state: expected to be written')
    const { rpcUrl, deployment, explorerUrl } = network
    const ready: DevnetState = { ...state, isReady: true, rpcUrl, deployment, explorerUrl }
    this.#stateFile.write(ready)
    return ready
  }
}
