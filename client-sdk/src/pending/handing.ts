import type { ClientContext } from '../context.ts'
import type { PendingMessage } from '../home/pending-store.ts'

/** Who took a message has it durably; handing it on again is for the case that this node is lost. */
export const MAX_HANDINGS = 8

type Handed = Pick<PendingMessage, 'handedToNodeIds' | 'handedMs'>

/** When a message is to be handed on next, wall milliseconds: at once, then after pauses that double. */
export function nextHandingMs(
  { settings }: ClientContext,
  { handedToNodeIds, handedMs }: Handed,
): number {
  const handings = handedToNodeIds.length
  return handings === 0 ? 0 : handedMs + settings.finalAfterMs * 2 ** (handings - 1)
}

/** Notes who took a message now. */
export function handedOn(
  { handedToNodeIds }: Handed,
  taken: readonly number[],
  nowMs: number,
): Handed {
  return { handedToNodeIds: [...handedToNodeIds, ...taken].slice(-MAX_HANDINGS), handedMs: nowMs }
}
