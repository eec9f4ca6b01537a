import { isOrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { envelopePutAnswer } from '@orlop/protocol/wire/envelope'
import type { ClientContext } from '../context.ts'

/** An envelope on its way to nodes. */
export interface EnvelopeDelivery {
  readonly clientId: number
  readonly envelope: Uint8Array
  readonly nodeIds: readonly number[]
}

/** Who has it now. */
export interface DeliveredEnvelope {
  readonly taken: readonly number[]
  /** Nodes that could not be reached or did not take it now. */
  readonly missing: readonly number[]
  /** Nodes that have a newer one, or another of the same version that comes first. */
  readonly conflicting: readonly number[]
}

/** Puts an envelope to nodes, all at the same time. @throws OrlopError `ABORTED`. */
export async function putEnvelope(
  context: ClientContext,
  delivery: EnvelopeDelivery,
  options: { readonly signal?: AbortSignal } = {},
): Promise<DeliveredEnvelope> {
  const { clientId, envelope, nodeIds } = delivery
  const request = { put: { clientId, envelope } }
  const asked = nodeIds.map(async (nodeId) => {
    try {
      const node = await context.directory.byId(nodeId, options)
      const call = { verb: 'envelope', request, answer: envelopePutAnswer } as const
      await context.network.call(node, call, options)
      return 'taken'
    } catch (error) {
      throwIfAborted(options.signal, 'Writing the envelope')
      if (!isOrlopError(error)) throw error
      const isConflict = error.code === 'ENVELOPE_CONFLICT' || error.code === 'ENVELOPE_ROLLED_BACK'
      return isConflict ? 'conflicting' : 'missing'
    }
  })
  const results = await Promise.all(asked)
  const those = (result: (typeof results)[number]) =>
    nodeIds.filter((_, index) => results[index] === result)
  return {
    taken: those('taken'),
    missing: those('missing'),
    conflicting: those('conflicting'),
  }
}
