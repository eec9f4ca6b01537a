import { MAX_DATA_FRAME_BYTES } from '@orlop/protocol/limits'
import { progressFrame } from '@orlop/protocol/wire/common'
import { storeDownstream } from '@orlop/protocol/wire/store'
import { ChangeSignal } from '@orlop/transport/change-signal'
import type { FrameChannel } from '@orlop/transport/transport'
import type { StripKey } from '../storage/interfaces.ts'
import type { NodeParts } from './node-parts.ts'
import { receiveValue, sendData, sendValue } from './wire.ts'

/** Shorter strips are spread faster than another stream is opened. */
const LEAST_STRIP_BYTES = 4 * 1024 * 1024
/** A target that is further behind than this gets the rest after the commit: the client's link must not wait for it. */
const MOST_QUEUED_BYTES = 16 * MAX_DATA_FRAME_BYTES

type AheadParts = Pick<NodeParts, 'dialer' | 'storage' | 'logger'>

/**
 * Brings the bytes of an upload on to the nodes of its other strips while they arrive, so that the copies are made beside each other. Only
 * a help: what fails here, or is left over, the spreader brings after the commit.
 */
export class AheadCopies {
  readonly #copies: AheadCopy[]

  private constructor(copies: AheadCopy[]) {
    this.#copies = copies
  }

  /**
   * @param key - of this node's own strip.
   * @param fromBytes - where the client continues.
   * @returns null when there is nobody to bring them to.
   */
  static async begin(
    parts: AheadParts,
    key: StripKey,
    fromBytes: number,
  ): Promise<AheadCopies | null> {
    const held = await parts.storage.reservations.find(key)
    if (held === null || held.maxBytes < LEAST_STRIP_BYTES) return null
    const copies = held.offer.message.proposedNodeIds.map((nodeId, place) => {
      const target = { nodeId, key: { ...key, index: place + 1 } }
      return new AheadCopy(parts, target, fromBytes)
    })
    return copies.length === 0 ? null : new AheadCopies(copies)
  }

  /** The next bytes of the stream. */
  push(data: Uint8Array): void {
    for (const copy of this.#copies) copy.push(data)
  }

  /** Everything has come. @param endBytes - length of the stream. */
  end(endBytes: number): void {
    for (const copy of this.#copies) copy.end(endBytes)
  }

  /** The client's stream broke off: what was brought stays where it is. */
  stop(): void {
    for (const copy of this.#copies) copy.stop()
  }
}

/** The stream to one node. */
class AheadCopy {
  readonly #queue: Uint8Array[] = []
  readonly #changed = new ChangeSignal()
  readonly #stop = new AbortController()
  #queuedBytes = 0
  #endBytes: number | null = null

  constructor(parts: AheadParts, target: { nodeId: number; key: StripKey }, fromBytes: number) {
    this.#run(parts, target, fromBytes).catch((error: unknown) => {
      this.stop()
      parts.logger.debug({ nodeId: target.nodeId, err: error }, 'not copied ahead of the commit')
    })
  }

  push(data: Uint8Array): void {
    if (this.#stop.signal.aborted) return
    this.#queue.push(data)
    this.#queuedBytes += data.length
    if (this.#queuedBytes > MOST_QUEUED_BYTES) this.stop()
    this.#changed.notify()
  }

  end(endBytes: number): void {
    this.#endBytes = endBytes
    this.#changed.notify()
  }

  stop(): void {
    this.#stop.abort(new Error('no more is copied ahead'))
    this.#queue.length = 0
  }

  async #run(
    { dialer }: AheadParts,
    { nodeId, key }: { nodeId: number; key: StripKey },
    fromBytes: number,
  ): Promise<void> {
    const { signal } = this.#stop
    const channel = await dialer.open(nodeId, 'spread', { signal })
    const abort = () => {
      channel.abort(new Error('no more is copied ahead'))
    }
    signal.addEventListener('abort', abort, { once: true })
    try {
      signal.throwIfAborted()
      await sendValue(channel, { ahead: key })
      const { durableBytes } = await receiveValue(channel, progressFrame)
      // Bytes in between are on this node's disk: the spreader's work.
      if (durableBytes !== fromBytes) throw new Error('the target continues elsewhere')
      await Promise.all([this.#send(channel), untilStored(channel)])
      await channel.close()
    } catch (error) {
      abort()
      throw error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  async #send(channel: FrameChannel): Promise<void> {
    const { signal } = this.#stop
    for (;;) {
      signal.throwIfAborted()
      const data = this.#queue.shift()
      if (data !== undefined) {
        await sendData(channel, data)
        this.#queuedBytes -= data.length
      } else if (this.#endBytes === null) {
        await this.#changed.wait(signal)
      } else {
        await sendValue(channel, { endBytes: this.#endBytes })
        return
      }
    }
  }
}

async function untilStored(channel: FrameChannel): Promise<void> {
  for (;;) if ('storedBytes' in (await receiveValue(channel, storeDownstream))) return
}
