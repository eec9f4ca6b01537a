import * as z from 'zod'
import { PROTOCOLS, type Verb } from '@orlop/protocol/wire/frame'

/** Where a gateway serves the relay; the 1 is the version of everything in this file. */
export const RELAY_PATH = '/relay/1'
/** Most bytes of one WebSocket message. Messages are pieces of one byte stream; their borders mean nothing. */
export const MAX_RELAY_MESSAGE_BYTES = 64 * 1024
/** Largest yamux window either side grants. */
export const MAX_RELAY_WINDOW_BYTES = 1024 * 1024

const peerId = z.string().min(1).max(128)
const verb = z.enum(Object.keys(PROTOCOLS) as Verb[])
const link = z.int().min(1)

/** The first frame of every stream, from the browser: what the stream is for. */
export const relayRequestFrame = z.union([
  z.strictObject({ session: z.strictObject({}) }),
  z.strictObject({ dial: z.strictObject({ peerId }) }),
  z.strictObject({ open: z.strictObject({ link, verb }) }),
])
export type RelayRequest = z.infer<typeof relayRequestFrame>

/** The peer id under which the gateway dials for this session; the browser signs its hello for it. */
export const relaySessionFrame = z.strictObject({ session: z.strictObject({ peerId }) })

/** The gateway has a connection to the node. It lasts as long as the stream that this frame came on. */
export const relayDialledFrame = z.strictObject({ dialled: z.strictObject({ link }) })

/** The node's stream is open: from here on every frame of this stream is passed on as it is, both ways. */
export const relayOpenedFrame = z.strictObject({ opened: z.strictObject({}) })
