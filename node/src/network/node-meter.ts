/** Counts of the network side, as the edge takes them to Prometheus. */
export interface NodeMeter {
  add(counter: NodeCounter, by: number): void
}

export type NodeCounter =
  | 'offers_accepted_total'
  | 'offers_refused_total'
  | 'commits_total'
  | 'strips_spread_total'
  | 'spread_failures_total'
  | 'fetched_bytes_total'
  | 'relayed_messages_total'
  | 'peers_refused_total'

/** Counts nothing. */
export const noMeter: NodeMeter = { add: () => undefined }
