import { isOrlopError, type OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { ClientContext } from '../context.ts'
import { distrustNode } from '../rating/distrust-node.ts'
import { blamedNodeId, type FailureMeaning, meaningOf } from './upload-failure.ts'
import type { UploadProgress } from './upload-progress.ts'

export interface UploadMenderOptions {
  /** Places the object anew, at another ingress node than `absentNodeId`. */
  readonly placeWithout: (absentNodeId: number) => Promise<void>
}

/** Prepares an upload that failed for its next attempt: blames, gives up or replaces nodes. */
export class UploadMender {
  /** Nodes that broke their word for this object, with what they did. */
  readonly faulty = new Map<number, string>()
  readonly #context: ClientContext
  readonly #progress: UploadProgress
  readonly #options: UploadMenderOptions
  /** Since when the ingress node is away, at which step. */
  #away: { readonly sinceMs: number; readonly steps: number } | null = null

  constructor(context: ClientContext, progress: UploadProgress, options: UploadMenderOptions) {
    this.#context = context
    this.#progress = progress
    this.#options = options
  }

  /**
   * Does what a failure calls for.
   *
   * @returns false when neither waiting nor another node would change anything.
   */
  async mend(error: unknown): Promise<boolean> {
    const meaning = this.#meaningOf(error)
    if (meaning === 'fatal' || !isOrlopError(error)) return false
    if (error.code !== 'LEASE_HELD') await this.#countInterruption()
    if (meaning === 'node-fault') await this.#blame(error)
    else if (meaning === 'reserve-anew') await this.#progress.dropPlacement()
    else await this.#leaveAbsentIngress(error)
    return true
  }

  /** Once a node has accepted, a network without nodes is a link that is down: that is waited for. */
  #meaningOf(error: unknown): FailureMeaning {
    if (this.#progress.hasBeenPlaced && isOrlopError(error, 'NO_NODE_AVAILABLE')) return 'again'
    return meaningOf(error)
  }

  async #countInterruption(): Promise<void> {
    const { measured, placement } = this.#progress.record
    if (placement === null) return
    const interruptions = measured.interruptions + 1
    await this.#progress.keep({ measured: { ...measured, interruptions } })
  }

  async #blame(error: OrlopError): Promise<void> {
    const { home, events, directory } = this.#context
    const { objectId, placement } = this.#progress.record
    const nodeId = blamedNodeId(error) ?? placement?.ingressNodeId ?? null
    const lease = await home.leases.current(formatObjectId(objectId))
    const blamed = nodeId ?? lease?.nodeId ?? null
    if (blamed !== null) {
      this.faulty.set(blamed, `broke its word (${error.code})`)
      await distrustNode(this.#context, blamed)
      const node = (await directory.known()).find((one) => one.nodeId === blamed)
      events.emit({
        type: 'damaged',
        objectName: formatObjectId(objectId),
        node: { nodeId: blamed, name: node?.name ?? String(blamed) },
        reason: error.message,
      })
    }
    await this.#progress.dropPlacement()
  }

  /** An ingress node that stays away is replaced, when its lease is over and another node takes the object. */
  async #leaveAbsentIngress(error: OrlopError): Promise<void> {
    const { home, settings } = this.#context
    const { objectId, placement } = this.#progress.record
    if (this.#progress.hasProgressed || placement === null || error.code === 'PEER_LIMIT') {
      this.#away = null
      return
    }
    if (this.#awayMs() < settings.ingressPatienceMs) return
    if ((await home.leases.current(formatObjectId(objectId))) !== null) return
    this.#away = null
    try {
      await this.#options.placeWithout(placement.ingressNodeId)
    } catch (failure) {
      // Nobody else takes it now: the one that has part of it may come back.
      if (!isOrlopError(failure)) throw failure
    }
  }

  /** How long the ingress node is away; a step forward begins the count anew. */
  #awayMs(): number {
    const nowMs = this.#context.clock.monotonicMs()
    const { steps } = this.#progress
    if (this.#away?.steps !== steps) this.#away = { sinceMs: nowMs, steps }
    return nowMs - this.#away.sinceMs
  }
}
