import { ledgerRejected } from '@orlop/contracts/rejections'
import { isOrlopError } from '@orlop/protocol/errors'
import type { ChainClient } from '@orlop/protocol/ledger'
import type { RelayedReceipt } from '@orlop/protocol/wire/relay'
import type { RelayRecord, RelayedMessage } from './relayed-message.ts'

export type RelayLedger = Pick<
  ChainClient,
  | 'registerClient'
  | 'rotateSigner'
  | 'rate'
  | 'anchorEnvelope'
  | 'extend'
  | 'remove'
  | 'record'
  | 'receipts'
  | 'isRecorded'
  | 'inclusion'
  | 'client'
  | 'clientBySigner'
>

/** What a message left on the ledger. */
export interface Landing {
  transactionHash?: string
  clientId?: number
}

/** Puts one message on the ledger, or finds that it is there. */
export async function putOnLedger(ledger: RelayLedger, message: RelayedMessage): Promise<Landing> {
  if ('registerClient' in message) {
    const { registerClient } = message
    const known = await ledger.clientBySigner(registerClient.message.signer)
    return { clientId: known?.clientId ?? (await ledger.registerClient(registerClient)) }
  }
  if ('rotateSigner' in message) {
    if (!(await isRotated(ledger, message))) await ledger.rotateSigner(message.rotateSigner)
    return {}
  }
  if ('rating' in message) return rate(ledger, message)
  if ('anchorEnvelope' in message) {
    return { transactionHash: await ledger.anchorEnvelope(message.anchorEnvelope) }
  }
  if ('extend' in message) return { transactionHash: await ledger.extend(message.extend) }
  if ('receipt' in message) return record(ledger, message.receipt)
  return { transactionHash: await ledger.remove(message.remove) }
}

/** Where a message stands that was put there; `unknown` when it has its effect and no transaction to ask for. */
export async function isStanding(
  ledger: RelayLedger,
  { message, transactionHash }: RelayRecord,
): Promise<'final' | 'included' | 'lost' | 'unknown'> {
  if (transactionHash !== undefined) {
    const inclusion = await ledger.inclusion(transactionHash)
    if (inclusion === null) return 'lost'
    return inclusion.isFinal ? 'final' : 'included'
  }
  if ('registerClient' in message) {
    const { signer } = message.registerClient.message
    return (await ledger.clientBySigner(signer)) === null ? 'lost' : 'unknown'
  }
  if ('rotateSigner' in message) return (await isRotated(ledger, message)) ? 'unknown' : 'lost'
  return 'unknown'
}

async function rate(
  ledger: RelayLedger,
  { rating }: Extract<RelayedMessage, { rating: unknown }>,
): Promise<Landing> {
  try {
    return { transactionHash: await ledger.rate(rating) }
  } catch (error) {
    // Somebody else relayed it, or this node did before a loss that was none.
    if (isOrlopError(error, 'LEDGER_REJECTED') && error.details['reason'] === 'AlreadyRated') {
      return {}
    }
    throw error
  }
}

/** The receipt's own node, or another relay, may have been first; then there is nothing to pay for. */
async function record(ledger: RelayLedger, receipt: RelayedReceipt): Promise<Landing> {
  const { nodeId, sequence, objectId, clientId } = receipt.commit.message
  if (await ledger.isRecorded(nodeId, sequence)) {
    for await (const held of ledger.receipts({ nodeId, objectId, clientId })) {
      if (held.sequence === sequence) return { transactionHash: held.position.transactionHash }
    }
  }
  const { transactionHash, rejected } = await ledger.record([receipt])
  const [refusal] = rejected
  if (refusal === undefined) return { transactionHash }
  throw ledgerRejected({ action: 'record a receipt', reason: refusal.reason })
}

async function isRotated(
  ledger: RelayLedger,
  { rotateSigner }: Extract<RelayedMessage, { rotateSigner: unknown }>,
): Promise<boolean> {
  const { clientId, newSigner } = rotateSigner.message
  const client = await ledger.client(clientId)
  return client?.signer.toLowerCase() === newSigner.toLowerCase()
}
