import { type Timer, unrefTimer } from './timers.ts'

/** One direction of a stream, as the guard sees it. */
export interface GuardedFlow {
  /** Names the frame under way; null while none is, or while it waits for us and not for the peer. */
  frameUnderWay(): number | null
  /** Bytes moved since the stream began. */
  movedBytes(): number
}

export interface SlowPeerGuardOptions {
  flows: readonly GuardedFlow[]
  minimumBytes: number
  windowMs: number
  /** Called once, when one frame was under way for a whole window and moved less than the minimum. */
  onSlow: () => void
}

/** Notices a peer that keeps a frame, and so our memory, under way without moving it (slow loris). */
export class SlowPeerGuard {
  readonly #options: SlowPeerGuardOptions
  readonly #last: { frame: number | null; movedBytes: number }[]
  readonly #timer: Timer

  constructor(options: SlowPeerGuardOptions) {
    this.#options = options
    this.#last = options.flows.map(look)
    this.#timer = setInterval(() => {
      this.#check()
    }, options.windowMs)
    unrefTimer(this.#timer)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #check(): void {
    for (const [index, flow] of this.#options.flows.entries()) {
      const before = this.#last[index]
      const now = look(flow)
      this.#last[index] = now
      if (before === undefined || now.frame === null || now.frame !== before.frame) continue
      if (now.movedBytes - before.movedBytes >= this.#options.minimumBytes) continue
      this.stop()
      this.#options.onSlow()
      return
    }
  }
}

function look(flow: GuardedFlow): { frame: number | null; movedBytes: number } {
  return { frame: flow.frameUnderWay(), movedBytes: flow.movedBytes() }
}
