import type { ApiProgress } from '@orlop/protocol/api/overview'
import type { ApiHealth } from '@orlop/protocol/api/service'

/** How the ledger answered when it was last asked, with a sentence for people where something is wrong. */
export interface LedgerStanding {
  ledger: 'ok' | 'unreachable' | 'mismatch'
  detail: string | null
}

/** How the gateway is. @param version - of the gateway's program. */
export function healthOf(
  progress: ApiProgress,
  { ledger, detail }: LedgerStanding,
  version: string,
): ApiHealth {
  if (ledger !== 'ok') return { status: `ledger-${ledger}`, version, progress, detail }
  if (progress.isCaughtUp && detail === null) return { status: 'ok', version, progress, detail }
  return {
    status: 'behind',
    version,
    progress,
    detail:
      detail ?? 'The index is still reading the ledger. What is shown is older than the ledger.',
  }
}
