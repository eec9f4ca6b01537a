import { useCallback } from 'react'
import { useSearchParams } from 'react-router'

/**
 * Filters that stand in the page's address, so that a filtered page can be shared and gone back to.
 *
 * @param names - of the filters this page knows; others in the address are left alone.
 */
export function useFilters<const N extends string>(names: readonly N[]) {
  const [address, setAddress] = useSearchParams()
  const values = Object.fromEntries(names.map((name) => [name, address.get(name) ?? ''])) as Record<
    N,
    string
  >
  const set = useCallback(
    (name: N, value: string) => {
      // Not what was rendered last: two changes may come before that.
      const next = new URLSearchParams(globalThis.location.search)
      if (value === '') next.delete(name)
      else next.set(name, value)
      setAddress(next, { replace: true })
    },
    [setAddress],
  )
  const clear = () => setAddress({}, { replace: true })
  return { values, set, clear, isFiltered: names.some((name) => values[name] !== '') }
}
