import type { SignedRegisterClient } from '@orlop/protocol/messages/identity'
import type { NodeParts } from './node-parts.ts'

/**
 * The id the ledger gives a registration that is about to be submitted. Call it before submitting.
 *
 * @returns null when the ledger takes longer than `registrationWaitMs`, or refuses: the client asks for it later.
 */
export async function awaitClientId(
  { storage, ledger, timers, limits }: NodeParts,
  registration: SignedRegisterClient,
): Promise<number | null> {
  const { signer } = registration.message
  const done = new AbortController()
  const unsubscribe = storage.relay.subscribe((event) => {
    const isAnswer = event.kind === 'relayed' || event.kind === 'relay-rejected'
    if (isAnswer && event.message === 'registerClient') check()
  })
  let clientId: number | null = null
  const check = () => {
    void ledger.clientBySigner(signer).then(
      (client) => {
        clientId = client?.clientId ?? null
        if (clientId !== null) done.abort()
      },
      () => undefined,
    )
  }
  try {
    check()
    await timers.wait(limits.registrationWaitMs, done.signal)
    return clientId
  } finally {
    unsubscribe()
  }
}
