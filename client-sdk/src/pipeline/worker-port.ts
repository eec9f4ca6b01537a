import type { WorkAnswer, WorkRequest } from './work-messages.ts'

/** The way to one worker, of whichever platform. */
export interface WorkerPort {
  /** Sends work; what is sent before the worker has started waits for it. Nothing of it is lost unheard: it is answered, or the worker ends. */
  post(message: WorkRequest, transfer: readonly ArrayBuffer[]): void
  /** Says whether anything waits for this worker: one that nothing waits for keeps no process alive. */
  setBusy(isBusy: boolean): void
  /** Ends the worker, whatever it does. Settles when it has ended. */
  end(): Promise<void>
}

/** What a worker tells. */
export interface WorkerEvents {
  /** It works. Told once, or never; perhaps already while it is started. */
  onReady(): void
  onAnswer(answer: WorkAnswer): void
  /** It has ended, for whatever reason. Told once, after which it tells nothing more. */
  onEnd(cause: Error): void
}

/** Starts a worker. Never throws: where there can be none, the one it gives ends, though not before it is given. */
export type StartWorker = (events: WorkerEvents) => WorkerPort
