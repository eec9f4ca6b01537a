import { OrlopError } from '@orlop/protocol/errors'
import type { ClientRecord, NodeRecord } from '@orlop/protocol/ledger-records'
import type { Admission, HelloClaims } from '@orlop/transport/hello'
import type { FrameChannel } from '@orlop/transport/transport'
import { type LedgerView, unknownClient } from './ledger-view.ts'
import type { NodeMeter } from './node-meter.ts'

/** Who gets further than hello, and who may ask for what: as the ledger says. */
export class PeerGate {
  readonly #ledger: LedgerView
  readonly #meter: NodeMeter

  constructor(ledger: LedgerView, meter: NodeMeter) {
    this.#ledger = ledger
    this.#meter = meter
  }

  /** Given to the transport; applies to those who dial us and to nodes that we dial. */
  readonly admit: Admission = async (claims) => {
    try {
      if (claims.role === 'client') await this.#admitClient(claims)
      if (claims.role === 'node') await this.#admitNode(claims)
    } catch (error) {
      this.#meter.add('peers_refused_total', 1)
      throw error
    }
  }

  async #admitClient(claims: HelloClaims): Promise<void> {
    let record = await this.#ledger.client(claims.id)
    if (!isThisClient(record, claims)) record = await this.#ledger.client(claims.id, true)
    if (record === null) throw unknownClient(claims.id)
    if (record.signer !== claims.account) {
      throw new OrlopError(
        'NOT_ADMITTED',
        `Client ${claims.id} signs as ${record.signer} on the ledger, not as ${claims.account}. Check which key is in use.`,
      )
    }
    if (record.state === 'admitted') return
    throw new OrlopError(
      'NOT_ADMITTED',
      record.state === 'pending'
        ? `Client ${claims.id} is registered and waits to be admitted by the fleet's master. Try again later.`
        : `Client ${claims.id} is suspended. Ask the operator of the fleet's master node.`,
    )
  }

  async #admitNode(claims: HelloClaims): Promise<void> {
    let record = await this.#ledger.node(claims.id)
    if (!isThisNode(record, claims)) record = await this.#ledger.node(claims.id, true)
    if (isThisNode(record, claims)) return
    throw new OrlopError(
      'NOT_ADMITTED',
      `Node ${claims.id} (${claims.account}, ${claims.peerId}) is not an admitted node of this ledger under that account and peer id. ` +
        'Register it, and have the master admit it.',
    )
  }
}

function isThisClient(record: ClientRecord | null, claims: HelloClaims): boolean {
  return record?.signer === claims.account && record.state === 'admitted'
}

function isThisNode(record: NodeRecord | null, claims: HelloClaims): boolean {
  if (record?.account !== claims.account || record.peerId !== claims.peerId) return false
  return record.state === 'admitted' || record.state === 'draining'
}

/**
 * The id of the client at the other end.
 *
 * @param clientId - when given, the one it must be.
 * @throws OrlopError `NOT_AUTHORIZED`
 */
export function requireClient({ peer, verb }: FrameChannel, clientId?: number): number {
  if (peer.role === 'client' && (clientId === undefined || peer.id === clientId)) return peer.id
  throw new OrlopError(
    'NOT_AUTHORIZED',
    clientId === undefined
      ? `Only clients may ask for ${verb}.`
      : `The ${verb} request concerns client ${clientId}, but ${peer.role} ${peer.id} sent it. Send it with that client's own connection.`,
  )
}

/** The id of the node at the other end. @throws OrlopError `NOT_AUTHORIZED`. */
export function requireNode({ peer, verb }: FrameChannel, nodeId?: number): number {
  if (peer.role === 'node' && (nodeId === undefined || peer.id === nodeId)) return peer.id
  throw new OrlopError(
    'NOT_AUTHORIZED',
    nodeId === undefined
      ? `Only nodes may ask for ${verb}.`
      : `Only node ${nodeId}, which the client chose, may do that for this object; ${peer.role} ${peer.id} asked.`,
  )
}
