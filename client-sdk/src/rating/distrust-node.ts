import type { ClientContext } from '../context.ts'

/** Marks a node that broke its word or sent wrong data: for `distrustMs` it gets nothing new from this client. */
export async function distrustNode(context: ClientContext, nodeId: number): Promise<void> {
  const untilMs = context.home.clockOffset.nowMs() + context.settings.distrustMs
  await context.home.evidence.distrust(nodeId, untilMs)
}
