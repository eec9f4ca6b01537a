export interface SortOrder {
  key: string
  isDescending: boolean
}

const collator = new Intl.Collator(undefined, { numeric: true })

/** Rows in the order of a value of theirs; equal ones stay as they were. Names sort as people count: A2 before A10. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortBy: (row: Row) => string | number,
  isDescending: boolean,
): Row[] {
  const sign = isDescending ? -1 : 1
  return rows.toSorted((one, other) => sign * compare(sortBy(one), sortBy(other)))
}

function compare(one: string | number, other: string | number): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return collator.compare(String(one), String(other))
}
