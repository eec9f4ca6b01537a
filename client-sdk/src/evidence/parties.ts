import { OrlopError } from '@orlop/protocol/errors'
import type { LedgerCallOptions, LedgerReader } from '@orlop/protocol/ledger'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { checksummed, type EvidenceClient, type EvidenceNode } from './evidence-format.ts'

/** Whom evidence names. */
export interface Parties {
  readonly clients: EvidenceClient[]
  readonly nodes: EvidenceNode[]
}

/** Clients as evidence names them. @throws OrlopError `USAGE` when the ledger has none of that number. */
export async function clientsOf(
  ledger: LedgerReader,
  clientIds: Iterable<number>,
  options: LedgerCallOptions = {},
): Promise<EvidenceClient[]> {
  const clients: EvidenceClient[] = []
  for (const clientId of [...new Set(clientIds)].sort((left, right) => left - right)) {
    const record = await ledger.client(clientId, options)
    if (record === null) {
      throw new OrlopError(
        'USAGE',
        `The ledger names no ship or client ${clientId}. Check the number.`,
      )
    }
    const former = await ledger.formerSigners(clientId, options)
    const { name, imoNumber, signer } = record
    const signers = [...former, signer].map(checksummed)
    clients.push({ clientId, name: name.toWellFormed(), imoNumber, signers })
  }
  return clients
}

/** The nodes that hold or held what receipts tell of. */
export async function nodesOf(
  ledger: LedgerReader,
  receipts: readonly Receipt[],
  options: LedgerCallOptions = {},
): Promise<EvidenceNode[]> {
  const nodeIds = new Set(receipts.map(({ nodeId }) => nodeId))
  const records = await ledger.nodes(options)
  return records
    .filter(({ nodeId }) => nodeIds.has(nodeId))
    .sort((left, right) => left.nodeId - right.nodeId)
    .map(({ nodeId, name, account }) => {
      return { nodeId, name: name.toWellFormed(), account: checksummed(account) }
    })
}
