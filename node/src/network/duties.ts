import type { Startable } from '@orlop/protocol/lifecycle'
import type { Logger } from '@orlop/protocol/logger'
import type { Timers } from '../outbox/timers.ts'
import { WorkLoop } from '../outbox/work-loop.ts'

/** Something a node does again and again. */
export interface Duty {
  name: string
  everyMs: number
  /** Whether the first time is at once, not after `everyMs`. */
  atOnce: boolean
  run: () => Promise<void>
}

/** A node's regular work. A duty that fails is logged and done again at its next time. */
export class Duties implements Startable {
  readonly #loops: WorkLoop[]

  constructor(duties: readonly Duty[], parts: { timers: Timers; logger: Logger }) {
    this.#loops = duties.map((duty) => {
      let isDue = duty.atOnce
      const step = async () => {
        if (isDue) await attempt(duty, parts.logger)
        isDue = true
        return { delayMs: duty.everyMs, mayWake: true }
      }
      return new WorkLoop(step, parts.timers)
    })
  }

  async start(): Promise<void> {
    for (const loop of this.#loops) await loop.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()))
  }
}

async function attempt({ name, run }: Duty, logger: Logger): Promise<void> {
  try {
    await run()
  } catch (error) {
    logger.warn({ duty: name, err: error }, 'a regular duty failed and will be tried again')
  }
}
