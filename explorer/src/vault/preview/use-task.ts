import { useCallback, useEffect, useState } from 'react'

/** Something that takes a while, ends when the signal says so and tells how far it came. */
export type Task<T> = (options: {
  readonly signal: AbortSignal
  readonly onProgress: (doneBytes: number) => void
}) => Promise<T>

/** How far a task is. */
export type TaskState<T> =
  | { readonly status: 'running'; readonly doneBytes: number }
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown; readonly retry: () => void }

/** Progress more often than this would be drawn for nobody. */
const PROGRESS_STEPS = 50

/**
 * Runs a task while the component is there, and anew when it becomes another one.
 *
 * @param task - the same function as long as it is the same task.
 * @param outer - ends the task from outside.
 */
export function useTask<T>(task: Task<T>, totalBytes: number, outer?: AbortSignal): TaskState<T> {
  const [attempt, setAttempt] = useState(0)
  const [outcome, setOutcome] = useState<{ of: Task<T>; attempt: number; state: Ended<T> } | null>(
    null,
  )
  useEffect(() => {
    const inner = new AbortController()
    const signal = outer === undefined ? inner.signal : AbortSignal.any([inner.signal, outer])
    const tell = (state: Ended<T>) => {
      if (!signal.aborted) setOutcome({ of: task, attempt, state })
    }
    let told = 0
    const onProgress = (doneBytes: number) => {
      if (doneBytes - told < totalBytes / PROGRESS_STEPS) return
      told = doneBytes
      tell({ status: 'running', doneBytes })
    }
    task({ signal, onProgress }).then(
      (value) => tell({ status: 'done', value }),
      (error: unknown) => tell({ status: 'failed', error }),
    )
    return () => inner.abort()
  }, [task, attempt, totalBytes, outer])
  const retry = useCallback(() => setAttempt((before) => before + 1), [])
  // What an earlier task came to says nothing of this one.
  if (outcome?.of !== task || outcome.attempt !== attempt)
    return { status: 'running', doneBytes: 0 }
  return outcome.state.status === 'failed' ? { ...outcome.state, retry } : outcome.state
}

type Ended<T> =
  | { readonly status: 'running'; readonly doneBytes: number }
  | { readonly status: 'done'; readonly value: T }
  | { readonly status: 'failed'; readonly error: unknown }
