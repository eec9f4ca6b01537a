import { formatTime } from '../output.ts'

/** The largest time of JavaScript's calendar (ECMA-262 21.4.1.1): on the ledger anybody may write a larger one. */
const MAX_TIME_MS = 8.64e15

/** A time of the ledger as `2026-11-21 22:03:05`, UTC. */
export function showTime(timeMs: number): string {
  return timeMs > MAX_TIME_MS ? 'beyond all time' : formatTime(timeMs).replace('Z', '')
}
