import { useCallback, useEffect, useRef, useState } from 'react'
import { isOrlopError } from '@orlop/protocol/errors'

/** How a piece of work stands that a button begins. */
export type ActionState<T> =
  | { readonly status: 'idle' }
  | { readonly status: 'running' }
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown }

export interface Action<T> {
  readonly state: ActionState<T>
  /** Begins the work; nothing while it runs. */
  readonly run: (work: (signal: AbortSignal) => Promise<T>) => void
  /** Ends it; what it comes to is not shown any more. */
  readonly stop: () => void
}

/** One piece of work at a time, ended with its component. */
export function useAction<T>(): Action<T> {
  const [state, setState] = useState<ActionState<T>>({ status: 'idle' })
  const running = useRef<AbortController | null>(null)
  useEffect(
    () => () => {
      running.current?.abort()
      running.current = null
    },
    [],
  )
  const stop = useCallback(() => {
    running.current?.abort()
    running.current = null
    setState({ status: 'idle' })
  }, [])
  const run = useCallback((work: (signal: AbortSignal) => Promise<T>) => {
    if (running.current !== null) return
    const own = new AbortController()
    running.current = own
    setState({ status: 'running' })
    const end = (next: ActionState<T>) => {
      if (running.current !== own) return
      running.current = null
      setState(next)
    }
    work(own.signal).then(
      (value) => end({ status: 'done', value }),
      (error: unknown) => {
        const isStopped = own.signal.aborted && isOrlopError(error, 'ABORTED')
        end(isStopped ? { status: 'idle' } : { status: 'failed', error })
      },
    )
  }, [])
  return { state, run, stop }
}
