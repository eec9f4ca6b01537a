import type { ErrorCode } from '@orlop/protocol/error-codes'
import type { Verb } from '@orlop/protocol/wire/frame'

/** Why a session ended. */
export type SessionEnd = 'closed' | 'idle' | 'failed' | 'stopped'

/** Is told what the relay does, for metrics. */
export interface RelayObserver {
  sessionOpened(): void
  sessionEnded(end: SessionEnd): void
  /** A WebSocket that got no session, by HTTP status. */
  sessionRefused(status: number): void
  streamOpened(verb: Verb): void
  streamEnded(): void
  /** A stream that was not opened, by what the browser was told. */
  streamRefused(code: ErrorCode): void
  passedOn(direction: 'toNode' | 'toBrowser', bytes: number): void
}

export const silentRelayObserver: RelayObserver = {
  sessionOpened: () => undefined,
  sessionEnded: () => undefined,
  sessionRefused: () => undefined,
  streamOpened: () => undefined,
  streamEnded: () => undefined,
  streamRefused: () => undefined,
  passedOn: () => undefined,
}
