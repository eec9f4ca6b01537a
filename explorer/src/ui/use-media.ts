import { useCallback, useSyncExternalStore } from 'react'

/** Where tables become cards: the styles' own width. Paper is never narrow. */
export const NARROW = 'screen and (max-width: 760px)'
export const PRINT = 'print'

/** Whether a media query holds, followed while it is looked at. */
export function useMedia(query: typeof NARROW | typeof PRINT): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
