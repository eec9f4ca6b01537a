import { isOrlopError } from '@orlop/protocol/errors'
import { formatObjectId } from '@orlop/protocol/ids'
import type { Receipt } from '@orlop/protocol/ledger-records'
import type { ClientContext } from '../context.ts'
import type { CatalogueEntry } from '../home/catalogue.ts'

/** An own object's entry as the ledger has it now. */
export interface LedgerLook {
  readonly entry: CatalogueEntry
  /** Null when the ledger was away. */
  readonly receipts: readonly Receipt[] | null
}

/**
 * Brings an own object's catalogue entry up to what the ledger shows: recorded when every strip has a receipt, final when the
 * receipts are old enough that this ledger cannot lose them. A ledger that is away leaves the entry as it is.
 */
export async function refreshEntry(
  context: ClientContext,
  entry: CatalogueEntry,
  options: { readonly signal?: AbortSignal } = {},
): Promise<CatalogueEntry> {
  return (await lookAtLedger(context, entry, options)).entry
}

/** The same, with the receipts that were found. */
export async function lookAtLedger(
  context: ClientContext,
  entry: CatalogueEntry,
  options: { readonly signal?: AbortSignal } = {},
): Promise<LedgerLook> {
  const receipts: Receipt[] = []
  try {
    const filter = { objectId: entry.objectId, clientId: entry.ownerId }
    for await (const receipt of context.ledger.receipts(filter, options)) receipts.push(receipt)
  } catch (error) {
    if (isOrlopError(error, 'LEDGER_UNREACHABLE')) return { entry, receipts: null }
    throw error
  }
  const strips = entry.strips.map((strip) => {
    const receipt = receipts.find(
      ({ nodeId, sequence }) => nodeId === strip.nodeId && sequence === strip.sequence,
    )
    return { ...strip, transactionHash: receipt?.position.transactionHash }
  })
  const state = stateOf(context, entry, receipts)
  const fresh: CatalogueEntry = { ...entry, strips, state }
  await context.home.catalogue.put(fresh)
  if (state !== entry.state && (state === 'recorded' || state === 'final')) {
    context.events.emit({ type: state, objectName: formatObjectId(entry.objectId) })
  }
  return { entry: fresh, receipts }
}

/** A development ledger may lose its last blocks: then what was recorded is merely stored again. */
function stateOf(
  context: ClientContext,
  entry: CatalogueEntry,
  receipts: readonly Receipt[],
): CatalogueEntry['state'] {
  if (entry.state === 'removed') return 'removed'
  const times = entry.strips.map(({ index }) => recordedMs(receipts, index))
  if (times.includes(null)) return 'stored'
  const newestMs = Math.max(...times.filter((time) => time !== null))
  const ageMs = context.home.clockOffset.nowMs() - newestMs
  return ageMs >= context.settings.finalAfterMs ? 'final' : 'recorded'
}

function recordedMs(receipts: readonly Receipt[], index: number): number | null {
  const times = receipts
    .filter((receipt) => receipt.index === index)
    .map(({ position }) => position.blockTimeMs)
  return times.length === 0 ? null : Math.min(...times)
}
