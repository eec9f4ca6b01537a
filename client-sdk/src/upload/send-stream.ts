import { equalConstantTime } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { MAX_DATA_FRAME_BYTES, MIN_DATA_FRAME_BYTES } from '@orlop/protocol/limits'
import { progressFrame } from '@orlop/protocol/wire/common'
import { storeDownstream } from '@orlop/protocol/wire/store'
import type { ClientContext } from '../context.ts'
import { endedEarly, type NodeChannel } from '../network/node-network.ts'
import type { WireShare } from '../network/wire-meter.ts'
import { abortable } from '../pipeline/abortable.ts'
import { SendWindow } from './send-window.ts'
import type { SealedSpool } from './sealed-spool.ts'
import type { UploadRecord } from './upload-record.ts'

/** A data frame is this part of what may be under way: short enough to lose little, long enough to cost little. */
const FRAMES_UNDER_WAY = 8

export interface SendStreamRequest {
  readonly record: UploadRecord
  readonly node: NodeRecord
  readonly spool: SealedSpool
  readonly share: WireShare
  /** Called with every durable offset the node reports. */
  readonly onDurable: (durableBytes: number) => void
  readonly signal?: AbortSignal
}

/** What a node said when it had everything. */
export interface SentStream {
  readonly storedBytes: number
  /** What the node computed over the bytes it has; 32 bytes. */
  readonly root: Uint8Array
}

/**
 * Sends the sealed stream over one connection, from where the node's disk ends to the stream's end. Sealing may still go on.
 *
 * @throws OrlopError `NODE_UNREACHABLE` and the like when the connection breaks: call again, nothing durable is sent twice.
 * @throws OrlopError `MALFORMED_MESSAGE` when the node reports an offset that cannot be.
 */
export async function sendStream(
  context: ClientContext,
  request: SendStreamRequest,
): Promise<SentStream> {
  const { node, record, signal } = request
  const stop = new AbortController()
  const onAbort = () => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  signal?.throwIfAborted()
  let channel: NodeChannel | null = null
  try {
    channel = await context.network.open(node, 'store', { signal: stop.signal })
    const sending = new StreamSending(context, request, channel)
    const key = { objectId: record.objectId, clientId: context.identity.clientId, index: 0 }
    request.share.sent(await channel.send(key))
    const offset = await sending.firstOffset()
    const received = sending.receiveAll()
    // A node that breaks off must also end the sender, which may be waiting for room or for the sealer.
    received.catch((error: unknown) => stop.abort(error))
    await sending.sendFrom(offset, stop.signal)
    const sent = await received
    await channel.close()
    return sent
  } catch (error) {
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
    channel?.abort(reason instanceof Error ? reason : new Error('stopped'))
    throw reason
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}

class StreamSending {
  readonly #context: ClientContext
  readonly #request: SendStreamRequest
  readonly #channel: NodeChannel
  readonly #window: SendWindow
  #room = Promise.withResolvers<undefined>()
  #durableBytes = 0
  #sentTo = 0

  constructor(context: ClientContext, request: SendStreamRequest, channel: NodeChannel) {
    this.#context = context
    this.#request = request
    this.#channel = channel
    this.#window = new SendWindow(context.clock)
  }

  async firstOffset(): Promise<number> {
    const { node, spool } = this.#request
    const first = await this.#channel.receive(progressFrame)
    if (first === null) throw endedEarly(node.nodeId, 'store')
    if (first.durableBytes > spool.writtenBytes) throw this.#lyingOffset(first.durableBytes)
    this.#sentTo = first.durableBytes
    this.#takeDurable(first.durableBytes)
    return first.durableBytes
  }

  async receiveAll(): Promise<SentStream> {
    for (;;) {
      const frame = await this.#channel.receive(storeDownstream)
      if (frame === null) throw endedEarly(this.#request.node.nodeId, 'store')
      if ('storedBytes' in frame) return frame
      const { durableBytes } = frame
      if (durableBytes < this.#durableBytes || durableBytes > this.#sentTo) {
        throw this.#lyingOffset(durableBytes)
      }
      this.#takeDurable(durableBytes)
    }
  }

  async sendFrom(firstOffset: number, signal: AbortSignal): Promise<void> {
    const { spool, share } = this.#request
    let offset = firstOffset
    for (;;) {
      const data = await spool.read(offset, this.#frameBytes(), signal)
      if (data === null) break
      await this.#awaitRoom(data.length, signal)
      offset += data.length
      this.#sentTo = offset
      this.#window.noteSent(offset)
      share.sent(await this.#channel.sendData(data))
    }
    share.sent(await this.#channel.send({ endBytes: offset }))
  }

  /** Waits until so many bytes more may be under way; one frame always may. */
  async #awaitRoom(bytes: number, signal: AbortSignal): Promise<void> {
    const hasRoom = () => this.#sentTo + bytes - this.#durableBytes <= this.#window.bytes
    while (this.#sentTo > this.#durableBytes && !hasRoom()) {
      await abortable(this.#room.promise, signal, 'The upload')
    }
  }

  #frameBytes(): number {
    const bytes = Math.round(this.#window.bytes / FRAMES_UNDER_WAY)
    return Math.min(MAX_DATA_FRAME_BYTES, Math.max(MIN_DATA_FRAME_BYTES, bytes))
  }

  #takeDurable(durableBytes: number): void {
    const { record, node, spool, onDurable } = this.#request
    this.#durableBytes = durableBytes
    this.#window.noteDurable(durableBytes)
    this.#room.resolve(undefined)
    this.#room = Promise.withResolvers<undefined>()
    onDurable(durableBytes)
    this.#context.events.emit({
      type: 'sent',
      objectName: formatObjectId(record.objectId),
      node: { nodeId: node.nodeId, name: node.name },
      durableBytes,
      totalBytes: spool.isComplete ? spool.writtenBytes : null,
    })
  }

  #lyingOffset(durableBytes: number): OrlopError {
    const { node } = this.#request
    return new OrlopError(
      'MALFORMED_MESSAGE',
      `Node ${node.name} reports ${durableBytes} durable bytes, which cannot be (it had ${this.#durableBytes} and was sent ${this.#sentTo}). It is not used for this object.`,
      { details: { nodeId: node.nodeId, durableBytes } },
    )
  }
}

/** Whether what the node stored is what was sealed. @throws OrlopError `STRIP_DAMAGED` naming the node. */
export function checkSentStream(
  sent: SentStream,
  sealed: { readonly streamBytes: number; readonly root: Uint8Array },
  node: NodeRecord,
): void {
  if (sent.storedBytes === sealed.streamBytes && equalConstantTime(sent.root, sealed.root)) return
  throw new OrlopError(
    'STRIP_DAMAGED',
    `Node ${node.name} stored something else than was sent (its root differs). Another node will be asked; tell the operator to check the disk.`,
    { details: { nodeId: node.nodeId } },
  )
}
