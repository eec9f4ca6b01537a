import type { Evidence, EvidenceReceipt } from '@orlop/client-sdk/evidence/evidence-format'
import { receiptKey } from '@orlop/client-sdk/evidence/read-history'
import { formatObjectId } from '@orlop/protocol/ids'
import { EVERY_STRIP } from '@orlop/protocol/limits'

type EvidenceEvent = Evidence['events'][number]

/** One object of an evidence file, with what came of it. */
export interface ObjectStory {
  readonly name: string
  readonly receipts: readonly EvidenceReceipt[]
  readonly events: readonly EvidenceEvent[]
  readonly ratings: Evidence['ratings']
}

/** How one strip stands at the end of the file. */
export interface StripStanding {
  /** Unix seconds until which it is kept, extensions counted. */
  readonly expiry: number
  readonly state: 'kept' | 'moved away' | 'removed' | 'run out'
}

/** The objects in the order of their first receipts. */
export function objectStories({ receipts, events, ratings }: Evidence): ObjectStory[] {
  const byName = Map.groupBy(receipts, ({ commit }) => formatObjectId(commit.objectId))
  const eventsByName = Map.groupBy(events, ({ objectId }) => formatObjectId(objectId))
  const ratingsByReceipt = Map.groupBy(ratings, receiptKey)
  return [...byName].map(([name, own]) => ({
    name,
    receipts: own,
    events: eventsByName.get(name) ?? [],
    ratings: own.flatMap(({ commit }) => ratingsByReceipt.get(receiptKey(commit)) ?? []),
  }))
}

/** @param atMs - when: that of the newest block of the file. */
export function standingOf(
  { commit }: EvidenceReceipt,
  events: readonly EvidenceEvent[],
  atMs: number,
): StripStanding {
  let { expiry } = commit
  let state: StripStanding['state'] = 'kept'
  for (const event of events) {
    const isAbout = (index: number) => index === EVERY_STRIP || index === commit.index
    if (event.kind === 'extended' && isAbout(event.index)) expiry = Math.max(expiry, event.expiry)
    if (event.kind === 'removed' && isAbout(event.index)) state = 'removed'
    const isMoved =
      event.kind === 'moved' &&
      event.fromNodeId === commit.nodeId &&
      event.fromSequence === commit.sequence
    if (isMoved && state === 'kept') state = 'moved away'
  }
  return { expiry, state: state === 'kept' && expiry * 1000 <= atMs ? 'run out' : state }
}
