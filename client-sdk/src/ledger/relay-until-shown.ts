import { isOrlopError, OrlopError, throwIfAborted } from '@orlop/protocol/errors'
import { relayAccepted } from '@orlop/protocol/wire/relay'
import { type ActionOptions, signalOf } from '../action-options.ts'
import type { ClientContext } from '../context.ts'
import { pause } from '../pause.ts'

/** How often the ledger is looked at before another node is asked. */
const LOOKS_PER_NODE = 60

/** A signed message for the ledger, and how to see that it is there. */
export interface RelayTask {
  readonly request: object
  readonly isShown: () => Promise<boolean>
}

/**
 * Has a node put a signed message on the ledger and waits until the ledger shows it; asks the next node where one does not do it.
 *
 * @throws OrlopError `NODE_UNREACHABLE` when no node can be asked; the node's own refusal; `TIMEOUT`; `ABORTED`.
 */
export async function relayUntilShown(
  context: ClientContext,
  task: RelayTask,
  options: ActionOptions,
): Promise<void> {
  const what = 'Putting a message on the ledger'
  let failure: OrlopError | null = null
  for await (const peer of context.relayPeers(signalOf(options))) {
    try {
      const call = { verb: 'relay', request: task.request, answer: relayAccepted } as const
      await context.network.callPeer(peer, call, signalOf(options))
    } catch (error) {
      throwIfAborted(options.signal, what)
      if (!isOrlopError(error)) throw error
      failure = error
      continue
    }
    for (let look = 0; look < LOOKS_PER_NODE; look++) {
      if (await task.isShown()) return
      await pause(context.settings.pollMs, what, options.signal)
    }
    failure = new OrlopError(
      'TIMEOUT',
      'A node took the message, but the ledger does not show it. Check that the ledger runs, and try again.',
    )
  }
  throw failure ?? nobodyToAsk()
}

function nobodyToAsk(): OrlopError {
  return new OrlopError(
    'NODE_UNREACHABLE',
    'No node can be reached to put the message on the ledger. Check the link, or give the address of a node to begin with.',
  )
}
