import type { NodeState } from '@orlop/protocol/ledger-records'
import { useFormat } from './use-format.ts'
import { Badge, toneOf } from './badge.tsx'

const ORDER: readonly NodeState[] = ['admitted', 'draining', 'pending', 'retired']

/** How many nodes are in each state, as one bar and in words. */
export function NodeStates({ counts }: { counts: Readonly<Record<NodeState, number>> }) {
  const { count } = useFormat()
  const present = ORDER.filter((state) => counts[state] > 0)
  return (
    <div className="states">
      <div className="states-bar" aria-hidden="true">
        {present.map((state) => (
          <i key={state} data-tone={toneOf(state)} style={{ flexGrow: counts[state] }} />
        ))}
      </div>
      <ul>
        {ORDER.map((state) => (
          <li key={state}>
            <strong>{count(counts[state])}</strong> <Badge state={state} />
          </li>
        ))}
      </ul>
    </div>
  )
}
