import { OrlopError } from '@orlop/protocol/errors'

/** One node and why it was not chosen. */
export interface NodeVerdict {
  readonly name: string
  readonly nodeId: number
  readonly reason: string
}

const MAX_LISTED = 16

/**
 * The error of a store that finds too few nodes. It names every node with its reason.
 *
 * @param needed - copies wanted.
 * @param found - nodes that would have taken one.
 */
export function noNodeAvailable(
  needed: number,
  found: number,
  verdicts: readonly NodeVerdict[],
): OrlopError {
  const listed = verdicts.slice(0, MAX_LISTED).map(({ name, reason }) => `${name}: ${reason}`)
  const more = verdicts.length > MAX_LISTED ? `; and ${verdicts.length - MAX_LISTED} more` : ''
  const why = listed.length === 0 ? 'the ledger knows no node' : listed.join('; ') + more
  return new OrlopError(
    'NO_NODE_AVAILABLE',
    `${needed} nodes are needed and ${found} can be used (${why}). Try again when a node is back, lower 'copies', or let the policy use the other tier.`,
    {
      details: Object.fromEntries([
        ['needed', needed],
        ['found', found],
        ...verdicts.slice(0, MAX_LISTED).map(({ nodeId, reason }) => [`node${nodeId}`, reason]),
      ]) as Record<string, string | number>,
    },
  )
}
