import { freeMemory } from '@orlop/crypto/bytes'
import type { Clock } from '@orlop/protocol/clock'
import { OrlopError } from '@orlop/protocol/errors'
import { storeUpstream } from '@orlop/protocol/wire/store'
import type { FrameChannel } from '@orlop/transport/transport'
import type { Timers } from '../outbox/timers.ts'
import type { Staging, StripTerms } from '../storage/interfaces.ts'
import { ProgressReporter } from './progress-reporter.ts'
import { receiveValue, sendValue } from './wire.ts'

export interface TakeStripParts {
  clock: Clock
  timers: Timers
  /** A sender that says nothing for this long is let go. */
  idleMs: number
  /** Gets every piece once it is staged, to keep; without it the memory of a piece is given back at once. */
  onTaken?: (data: Uint8Array) => void
}

/**
 * Takes a strip's bytes from a peer, from where this node's disk ends: says the durable offset, appends, reports progress, and
 * ends with root and length of the whole strip. What arrived before a break stays staged.
 *
 * @throws OrlopError `MALFORMED_MESSAGE` when the peer's length is not what arrived; as staging and channel do.
 */
export async function takeStrip(
  channel: FrameChannel,
  staging: Staging,
  parts: TakeStripParts,
): Promise<StripTerms> {
  // Bytes of an earlier connection may not be durable yet; the offset both sides continue from must be.
  const durableBytes = await staging.sync()
  await sendValue(channel, { durableBytes })
  const reporter = new ProgressReporter({ channel, staging, ...parts })
  const idle = setTimeout(() => {
    channel.abort(new OrlopError('TIMEOUT', 'The sender paused for too long. Continue later.'))
  }, parts.idleMs)
  idle.unref()
  try {
    for (;;) {
      const frame = await receiveValue(channel, storeUpstream)
      idle.refresh()
      if ('endBytes' in frame) {
        assertLength(staging, frame.endBytes)
        break
      }
      await staging.append(frame.data)
      if (parts.onTaken === undefined) freeMemory(frame.data)
      else parts.onTaken(frame.data)
      reporter.noteAppended()
    }
  } finally {
    clearTimeout(idle)
    await reporter.finish()
  }
  return staging.seal()
}

function assertLength({ receivedBytes }: Staging, endBytes: number): void {
  if (receivedBytes === endBytes) return
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    `The sender counts ${endBytes} bytes, ${receivedBytes} arrived. Open the stream again and continue from the durable offset.`,
  )
}
