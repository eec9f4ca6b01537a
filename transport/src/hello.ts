import { equalConstantTime } from '@orlop/crypto/bytes'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import {
  HELLO_ROLES,
  type Hello,
  type HelloRole,
  helloType,
} from '@orlop/protocol/messages/identity'
import { signMessage, signerOf } from '@orlop/protocol/typed-message'
import { decodeFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import { helloFrame } from '@orlop/protocol/wire/hello'
import { hashPeerId } from './peer-id-hash.ts'
import type { CallOptions, PeerIdentity } from './transport.ts'

/** Who this side is. Asked for at every hello, so that a guest can become a client and a node can learn its id. */
export interface HelloSelf {
  role: HelloRole
  /** clientId or nodeId; 0 for a guest. */
  id: number
  /** The ledger key, 32 bytes. */
  signingKey: Uint8Array
  deployment: Deployment
}

/** What a checked hello says of the other side; its role and id are not looked up yet. */
export interface HelloClaims extends PeerIdentity {
  /** The other side's clock minus ours, milliseconds. */
  clockSkewMs: number
  /** Which side opened the connection. */
  direction: 'inbound' | 'outbound'
}

/** A checked hello and what it asks for. */
export interface CheckedHello {
  claims: HelloClaims
  wantsFreshTime: boolean
}

/**
 * Decides whether a peer gets further: looks its claims up in the ledger, or a cache of it.
 *
 * @throws OrlopError `NOT_ADMITTED` and others, whose text the refused peer is shown.
 */
export type Admission = (claims: HelloClaims, options: CallOptions) => Promise<void>

export interface HelloParties {
  localPeerId: string
  remotePeerId: string
  nowMs: number
}

export interface HelloRemarks {
  software: string
  /** Asks for another hello with a time near that of this one. */
  wantsFreshTime?: boolean
}

/** The frame this side sends first: its ledger identity, bound to both peer ids and to a time. */
export function createHello(
  self: HelloSelf,
  parties: HelloParties,
  { software, wantsFreshTime = false }: HelloRemarks,
): Uint8Array {
  const message: Hello = {
    role: HELLO_ROLES[self.role],
    id: self.id,
    peerIdHash: hashPeerId(parties.localPeerId),
    remotePeerIdHash: hashPeerId(parties.remotePeerId),
    timeMs: parties.nowMs,
  }
  return encodeFrame({
    hello: signMessage(helloType, self.deployment, message, self.signingKey),
    deployment: self.deployment,
    software,
    ...(wantsFreshTime && { wantsFreshTime }),
  })
}

export interface CheckHelloRequest {
  frame: Uint8Array
  parties: HelloParties
  deployment: Deployment
  direction: HelloClaims['direction']
}

/**
 * Checks the other side's hello: same ledger, signed, made for this very connection's two peers.
 *
 * @returns its claims; what is made of its time is for the caller. That a registered account signed them is for the caller's {@link Admission} to say.
 * @throws OrlopError `LEDGER_MISMATCH` naming both ledgers; `SIGNATURE_INVALID`; `MALFORMED_MESSAGE`; `VERSION_UNSUPPORTED`.
 * @throws RemoteError with the other side's code when it refuses ours.
 */
export function checkHello(request: CheckHelloRequest): CheckedHello {
  const { parties, deployment, direction } = request
  const frame = decodeFrame(helloFrame, request.frame)
  const { hello, deployment: theirs } = frame
  assertSameLedger(deployment, theirs)
  const { message } = hello
  const boundToUs =
    equalConstantTime(message.peerIdHash, hashPeerId(parties.remotePeerId)) &&
    equalConstantTime(message.remotePeerIdHash, hashPeerId(parties.localPeerId))
  if (!boundToUs) {
    throw new OrlopError(
      'SIGNATURE_INVALID',
      'A hello names other peers than the two on this connection. It was made for another connection; the peer must sign its own.',
    )
  }
  const claims: HelloClaims = {
    role: roleOf(message),
    id: message.id,
    account: signerOf(helloType, deployment, hello),
    peerId: parties.remotePeerId,
    clockSkewMs: message.timeMs - parties.nowMs,
    direction,
  }
  return { claims, wantsFreshTime: frame.wantsFreshTime === true }
}

function assertSameLedger(ours: Deployment, theirs: Deployment): void {
  if (describeLedger(ours) === describeLedger(theirs)) return
  throw new OrlopError(
    'LEDGER_MISMATCH',
    `The two sides use different ledgers: ours is ${describeLedger(ours)}, the peer's is ${describeLedger(theirs)}. ` +
      'Give both the same deployment file.',
    { details: { ours: describeLedger(ours), theirs: describeLedger(theirs) } },
  )
}

function describeLedger({ chainId, registry, receipts, credit }: Deployment): string {
  return `chain ${chainId} with contracts ${[registry, receipts, credit].join(', ').toLowerCase()}`
}

function roleOf(hello: Hello): HelloRole {
  for (const role of Object.keys(HELLO_ROLES) as HelloRole[]) {
    if (HELLO_ROLES[role] !== hello.role) continue
    if ((role === 'guest') === (hello.id === 0)) return role
    throw new OrlopError(
      'MALFORMED_MESSAGE',
      `A hello of role ${role} carries the id ${hello.id}. Guests have 0, all others the id the ledger gave them.`,
    )
  }
  throw new OrlopError(
    'VERSION_UNSUPPORTED',
    `A hello has the role ${hello.role}, which this version does not know. Update Orlop.`,
  )
}
