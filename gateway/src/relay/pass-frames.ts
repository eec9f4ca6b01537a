import type { RawStream } from '@orlop/transport/raw-connection'
import { OrlopError } from '@orlop/protocol/errors'

export interface PassFramesOptions {
  browser: RawStream
  node: RawStream
  /** Awaited with each frame's bytes before it is passed on. */
  onFrame: (direction: 'toNode' | 'toBrowser', bytes: number) => Promise<void> | void
}

/**
 * Passes whole frames both ways until both sides have ended, one frame at a time in each direction: who writes faster than the other
 * side reads is held back by its own stream's window. A side that fails cuts the other, so that nobody takes a part for the whole.
 */
export async function passFrames({ browser, node, onFrame }: PassFramesOptions): Promise<void> {
  const cut = (error: unknown) => {
    const reason =
      error instanceof Error ? error : new OrlopError('NODE_UNREACHABLE', 'The other side failed.')
    browser.abort(reason)
    node.abort(reason)
  }
  const pass = async (from: RawStream, to: RawStream, direction: 'toNode' | 'toBrowser') => {
    try {
      for (;;) {
        const frame = await from.receive()
        if (frame === null) break
        await onFrame(direction, frame.length)
        await to.send(frame)
      }
      await to.close()
    } catch (error) {
      cut(error)
    }
  }
  await Promise.all([pass(browser, node, 'toNode'), pass(node, browser, 'toBrowser')])
}
