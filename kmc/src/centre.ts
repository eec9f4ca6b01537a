import type { Clock } from '@orlop/protocol/clock'
import type { MonitoredSource } from './random/monitored-source.ts'
import type { Seal } from './root/seal.ts'
import { SealedRows } from './rows/sealed-rows.ts'
import type { KeyStore } from './store/key-store.ts'

/** What the parts of a centre work with. */
export interface Centre {
  readonly store: KeyStore
  readonly seal: Seal
  readonly rows: SealedRows
  readonly random: MonitoredSource
  readonly clock: Clock
}

/** Puts a centre together over its store. @param parts.leastSequence - see `SealedRowsOptions`. */
export function composeCentre(
  parts: Omit<Centre, 'rows'> & { readonly leastSequence?: number },
): Centre {
  const { store, seal, random, clock, leastSequence } = parts
  const rows = new SealedRows({
    store,
    centreId: seal.centreId,
    rowKey: () => seal.keys.rowKey,
    ...(leastSequence === undefined ? {} : { leastSequence }),
  })
  return { store, seal, random, clock, rows }
}
