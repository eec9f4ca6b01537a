import { isOrlopError } from '@orlop/protocol/errors'
import type { NodeProfile } from '@orlop/protocol/ledger'
import type { Transport } from '@orlop/transport/transport'
import type { CheckedDependencies } from '../node-dependencies.ts'
import type { CheckedNodeOptions } from '../options.ts'
import type { LedgerView } from './ledger-view.ts'
import { claimMaster, register } from './registration.ts'

/** How often a start without a ledger asks for it again, at the most. */
const LONGEST_RETRY_MS = 30_000

/** Who this node is on the ledger. */
export class Membership {
  readonly #dependencies: CheckedDependencies
  readonly #options: CheckedNodeOptions
  readonly #ledger: LedgerView
  #nodeId = 0
  #isRegistered = false

  constructor(dependencies: CheckedDependencies, options: CheckedNodeOptions, ledger: LedgerView) {
    this.#dependencies = dependencies
    this.#options = options
    this.#ledger = ledger
  }

  /** 0 until it is known. */
  get nodeId(): number {
    return this.#nodeId
  }

  /** Registers, or takes the id known from an earlier run while the ledger is away. A new node waits for its ledger. */
  async join(transport: Transport): Promise<void> {
    const { chain, logger, timers } = this.#dependencies
    let pauseMs = this.#options.registrationRetryMs
    for (;;) {
      try {
        await this.complete(transport)
        return
      } catch (error) {
        if (!isOrlopError(error, 'LEDGER_UNREACHABLE')) throw error
        const known = this.#ledger.snapshot().nodes.find(({ account }) => account === chain.account)
        logger.warn({ err: error, nodeId: known?.nodeId }, 'the ledger is away at the start')
        if (known !== undefined) {
          this.#nodeId = known.nodeId
          return
        }
      }
      await timers.wait(pauseMs, new AbortController().signal)
      pauseMs = Math.min(pauseMs * 2, LONGEST_RETRY_MS)
    }
  }

  /** Makes the ledger's record what the operator configured, once in a run. @throws OrlopError as the ledger does. */
  async complete(transport: Transport): Promise<void> {
    if (this.#isRegistered) return
    const { chain, logger } = this.#dependencies
    const nodeId = await register(chain, this.#profile(transport), logger)
    if (this.#options.claimMaster) await claimMaster(chain, nodeId, logger)
    await this.#ledger.nodes(true)
    this.#nodeId = nodeId
    this.#isRegistered = true
  }

  #profile({ peerId, addresses }: Transport): NodeProfile {
    const { name, tier, region, capacityBytes } = this.#options
    return { name, peerId, addresses: addresses.slice(0, 8), tier, region, capacityBytes }
  }
}
