import type { Codec } from './codec.ts'

/** Pieces that are compressed for trial, spread over the chunk. */
const PROBES = 4
const PROBE_BYTES = 16 * 1024
/** Bytes that a probe looks at, at most. */
export const PROBED_BYTES = PROBES * PROBE_BYTES
/** The fastest: the trial only asks whether there is anything to gain. */
const PROBE_LEVEL = 1

/**
 * Estimates what compression would gain, from small samples spread over the content: an extension may lie, and one file may hold
 * both text and pictures.
 *
 * @returns the share of bytes that would be saved, at most 1; negative when the content would grow.
 */
export function probeGain(content: Uint8Array, codec: Codec): number {
  if (content.length === 0) return 0
  if (content.length <= PROBED_BYTES) return gainOf([content], codec)
  const step = Math.floor((content.length - PROBE_BYTES) / (PROBES - 1))
  const probes = Array.from({ length: PROBES }, (_, index) =>
    content.subarray(index * step, index * step + PROBE_BYTES),
  )
  return gainOf(probes, codec)
}

function gainOf(probes: readonly Uint8Array[], codec: Codec): number {
  let plainBytes = 0
  let bodyBytes = 0
  for (const probe of probes) {
    plainBytes += probe.length
    bodyBytes += codec.compress(probe, PROBE_LEVEL).length
  }
  return 1 - bodyBytes / plainBytes
}
