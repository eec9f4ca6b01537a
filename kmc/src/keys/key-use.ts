import * as z from 'zod'
import { encodeHex } from '@orlop/crypto/bytes'
import { KmcError } from '../kmc-error.ts'
import type { RowDraft } from '../rows/row-draft.ts'
import { type Application, bytesSchema, decodeRecord, putRecord } from './records.ts'
import type { ReleaseRequest } from '@orlop/crypto/keys/release-request'

/** A request is answered when its time is at most so far from the centre's, either way. */
export const REQUEST_WINDOW_MS = 2 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

const schema = z.strictObject({
  hourStartMs: z.int(),
  releases: z.int(),
  /** Older requests are not remembered, and not answered: also when the clock is set back. */
  forgottenBeforeMs: z.int(),
  seen: z.array(z.tuple([z.int(), bytesSchema(16)])),
})

/**
 * Counts a request against its application's quota and remembers it for as long as it could be answered again.
 *
 * @throws KmcError `REQUEST_EXPIRED`, `REQUEST_REPLAYED`, `QUOTA_EXCEEDED`
 */
export async function countRequest(
  draft: RowDraft,
  { application, request, nowMs }: CountedRequest,
): Promise<void> {
  const place = `use/${application.appId}`
  const bytes = await draft.get(place)
  const empty = { hourStartMs: nowMs, releases: 0, forgottenBeforeMs: 0, seen: [] }
  const use = bytes === null ? empty : decodeRecord(schema, bytes)
  checkTime(request.timeMs, nowMs, use.forgottenBeforeMs)
  const id = encodeHex(request.requestId)
  if (use.seen.some(([, seenId]) => encodeHex(seenId) === id)) throw replayed()
  const isNewHour = nowMs - use.hourStartMs >= HOUR_MS || nowMs < use.hourStartMs
  const releases = (isNewHour ? 0 : use.releases) + 1
  const { maxReleasesPerHour } = application.policy
  if (releases > maxReleasesPerHour) throw exhausted(application.appId, maxReleasesPerHour)
  const forgottenBeforeMs = Math.max(use.forgottenBeforeMs, nowMs - REQUEST_WINDOW_MS)
  const seen = use.seen.filter(([timeMs]) => timeMs >= forgottenBeforeMs)
  putRecord(draft, place, {
    hourStartMs: isNewHour ? nowMs : use.hourStartMs,
    releases,
    forgottenBeforeMs,
    seen: [...seen, [request.timeMs, request.requestId]],
  })
}

export interface CountedRequest {
  readonly application: Application
  readonly request: ReleaseRequest
  readonly nowMs: number
}

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
