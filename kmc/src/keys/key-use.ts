import * as z from 'zod'
import { compareBytes, concat } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { type Application, decodeRecord, putRecord } from './records.ts'
import type { ReleaseRequest } from '@orlop/crypto/keys/release-request'

/** A request is answered when its time is at most so far from the centre's, either way. */
export const REQUEST_WINDOW_MS = 2 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

/** Requests are remembered together by their time: each counted one rewrites the row of its own slot only. */
const SLOT_MS = 30 * 1000
const ID_BYTES = 16

const schema = z.strictObject({
  hourStartMs: z.int(),
  releases: z.int(),
  /** Older requests are not remembered, and not answered: also when the clock is set back. */
  forgottenBeforeMs: z.int(),
  /** Slots in which requests are remembered. */
  slots: z.array(z.int()),
})

type Use = z.infer<typeof schema>

/**
 * Counts a request against its application's quota and remembers it for as long as it could be answered again.
 *
 * @throws KmcError `REQUEST_EXPIRED`, `REQUEST_REPLAYED`, `QUOTA_EXCEEDED`
 */
export async function countRequest(
  draft: RowDraft,
  { application, request, nowMs }: CountedRequest,
): Promise<void> {
  const { appId, policy } = application
  const place = `use/${appId}/count`
  const bytes = await draft.get(place)
  const empty = { hourStartMs: nowMs, releases: 0, forgottenBeforeMs: 0, slots: [] }
  const use: Use = bytes === null ? empty : decodeRecord(schema, bytes)
  checkTime(request.timeMs, nowMs, use.forgottenBeforeMs)
  const slot = await remember(draft, appId, request)
  const isNewHour = nowMs - use.hourStartMs >= HOUR_MS || nowMs < use.hourStartMs
  const releases = (isNewHour ? 0 : use.releases) + 1
  if (releases > policy.maxReleasesPerHour) throw exhausted(appId, policy.maxReleasesPerHour)
  const forgottenBeforeMs = Math.max(use.forgottenBeforeMs, nowMs - REQUEST_WINDOW_MS)
  const isOver = (one: number) => (one + 1) * SLOT_MS <= forgottenBeforeMs
  for (const one of use.slots.filter(isOver)) draft.delete(seenPlace(appId, one))
  putRecord(draft, place, {
    hourStartMs: isNewHour ? nowMs : use.hourStartMs,
    releases,
    forgottenBeforeMs,
    slots: [...new Set([...use.slots, slot])].filter((one) => !isOver(one)),
  })
}

export interface CountedRequest {
  readonly application: Application
  readonly request: ReleaseRequest
  readonly nowMs: number
}

/**
 * Adds the request's number to those of its slot. The same number with another time is another request, which only its requester can sign.
 *
 * @returns the slot.
 * @throws KmcError `REQUEST_REPLAYED`
 */
async function remember(
  draft: RowDraft,
  appId: string,
  { timeMs, requestId }: ReleaseRequest,
): Promise<number> {
  const slot = Math.floor(timeMs / SLOT_MS)
  const place = seenPlace(appId, slot)
  const seen = (await draft.get(place)) ?? new Uint8Array()
  for (let at = 0; at < seen.length; at += ID_BYTES) {
    if (compareBytes(seen.subarray(at, at + ID_BYTES), requestId) === 0) throw replayed()
  }
  draft.put(place, concat(seen, requestId))
  return slot
}

const seenPlace = (appId: string, slot: number) => `use/${appId}/${slot}`

function checkTime(timeMs: number, nowMs: number, forgottenBeforeMs: number): void {
  if (Math.abs(timeMs - nowMs) <= REQUEST_WINDOW_MS && timeMs >= forgottenBeforeMs) return
  const skewSeconds = Math.round((timeMs - nowMs) / 1000)
  throw new KmcError(
    'REQUEST_EXPIRED',
    `The request's time is ${skewSeconds} s from the centre's; ${REQUEST_WINDOW_MS / 1000} s are allowed. Make a new request; if that fails too, set the clocks right.`,
    { details: { skewSeconds } },
  )
}

function replayed(): KmcError {
  return new KmcError(
    'REQUEST_REPLAYED',
    'This request was answered before. Make a new one; if you made none, somebody repeats yours.',
  )
}

function exhausted(appId: string, limit: number): KmcError {
  return new KmcError(
    'QUOTA_EXCEEDED',
    `The application '${appId}' has had its ${limit} releases of this hour. Wait, or raise its quota.`,
    { details: { appId, limit } },
  )
}
