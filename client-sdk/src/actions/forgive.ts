import type { ClientContext } from '../context.ts'

/**
 * Forgets what this client has measured and holds against a node, once its operator has repaired it, so that it may be chosen again
 * before the distrust runs out. Ratings on the ledger stay.
 *
 * @param request.nodeId - the node's number on the ledger; one that is not known is no error.
 */
export async function forgive(
  context: ClientContext,
  request: { readonly nodeId: number },
): Promise<void> {
  await context.home.evidence.forgive(request.nodeId)
}
