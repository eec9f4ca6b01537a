/** Every bound that two sides must share. Each has its reason in `docs/limits.md`. */

const KIB = 1024
const MIB = 1024 * KIB

/** Copies or shares of one object that the network takes, data and parity together; the format has numbers for 64. */
export const MAX_STRIPS = 16
/** The index that means every strip in `Extend` and `Remove`. */
export const EVERY_STRIP = 255

/** One wire frame: a data frame of 1 MiB and its CBOR head. */
export const MAX_FRAME_BYTES = MIB + 64 * KIB
/** Payload of one data frame on a fast link, and on a slow one. */
export const MAX_DATA_FRAME_BYTES = 256 * KIB
export const MIN_DATA_FRAME_BYTES = 16 * KIB
/** Durable progress is acknowledged at most every `ACK_MAX_BYTES`, and at least every `ACK_MIN_BYTES` or `ACK_INTERVAL_MS`. */
export const ACK_MAX_BYTES = MIB
export const ACK_MIN_BYTES = 16 * KIB
export const ACK_INTERVAL_MS = 50

/** An envelope that the network takes, as bytes; the format allows more. It travels in one frame, so a manifest's chunk table stays below it (about 180 000 chunks, 700 GiB). */
export const MAX_ENVELOPE_BYTES = MIB

/** Offers pending within this window are answered in order of their request time. */
export const OFFER_WINDOW_MS = 200
/** A request time further than this from arrival is refused with the node's own time. */
export const MAX_CLOCK_SKEW_MS = 5_000
/** For one object no other node may be asked for this long after an offer was delivered. */
export const REQUEST_LEASE_MS = 60_000
/** Staged bytes are kept at least this long after the last byte arrived. */
export const STAGING_KEPT_MS = 7 * 24 * 3_600_000
/** Open reservations one client may hold at one node. */
export const MAX_RESERVATIONS_PER_CLIENT = 64

/** A peer that moves less than this in a window of `SLOW_PEER_WINDOW_MS` while a frame is under way is dropped. */
export const SLOW_PEER_BYTES = 64
export const SLOW_PEER_WINDOW_MS = 30_000
/** Open streams of one peer at a node. */
export const MAX_STREAMS_PER_PEER = 32

/** Receipts in one ledger transaction (formats 8: transaction pools take 128 KiB). */
export const MAX_BATCH_RECEIPTS = 500

export const MAX_NAME_BYTES = 1024
export const MAX_ADDRESS_COUNT = 8
