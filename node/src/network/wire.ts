import { OrlopError } from '@orlop/protocol/errors'
import { encodeDataFrame } from '@orlop/protocol/wire/data-frame'
import { decodeFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import type { CallOptions, FrameChannel } from '@orlop/transport/transport'
import type { z } from 'zod'

/** Sends one value as a frame. */
export function sendValue(
  channel: FrameChannel,
  value: object,
  options?: CallOptions,
): Promise<void> {
  return channel.send(encodeFrame(value), options)
}

/** Sends bytes of a stream as a data frame, without copying them: they are not written to afterwards. */
export function sendData(
  channel: FrameChannel,
  data: Uint8Array,
  options?: CallOptions,
): Promise<void> {
  return channel.send(encodeDataFrame(data), options)
}

/**
 * The next frame as `schema` says, or null when the peer has ended its writing.
 *
 * @throws RemoteError with the peer's own failure; OrlopError `MALFORMED_MESSAGE`, and as `FrameChannel.receive`.
 */
export async function receiveNext<T>(
  channel: FrameChannel,
  schema: z.ZodType<T>,
  options?: CallOptions,
): Promise<T | null> {
  const frame = await channel.receive(options)
  return frame === null ? null : decodeFrame(schema, frame, channel.peer.id)
}

/** A frame that must come. @throws OrlopError `MALFORMED_MESSAGE` when the peer ends instead, else as {@link receiveNext}. */
export async function receiveValue<T>(
  channel: FrameChannel,
  schema: z.ZodType<T>,
  options?: CallOptions,
): Promise<T> {
  const value = await receiveNext(channel, schema, options)
  if (value !== null) return value
  throw new OrlopError(
    'MALFORMED_MESSAGE',
    `The peer ended the ${channel.verb} stream where a message was due. Open the stream again.`,
  )
}
