import { defineMessage, type MessageOf, type Signed } from '../typed-message.ts'

/** A new client asks to be on the ledger. Signed by `signer`; any node may relay it. */
export const registerClientType = defineMessage('RegisterClient', 'registry', {
  /** The ledger key that signs offers, commits and ratings. */
  signer: 'address',
  /** The key that may replace a lost or stolen signer. */
  recovery: 'address',
  /** X25519 public key: who shares an object with this client wraps its key to it. */
  openingKey: 'bytes32',
  /** IMO ship number, 0 for a shore application. */
  imoNumber: 'uint32',
  /** Ship or application name, public. */
  name: 'string',
})
export type RegisterClient = MessageOf<typeof registerClientType.fields>
export type SignedRegisterClient = Signed<RegisterClient>

/** The recovery key replaces a client's signer, so that a stolen ship computer loses its voice but history stays. */
export const rotateSignerType = defineMessage('RotateSigner', 'registry', {
  clientId: 'uint32',
  newSigner: 'address',
  newOpeningKey: 'bytes32',
  nonce: 'uint64',
})
export type RotateSigner = MessageOf<typeof rotateSignerType.fields>
export type SignedRotateSigner = Signed<RotateSigner>

/** Both sides of a connection bind their libp2p peer to their ledger key. */
export const helloType = defineMessage('Hello', 'registry', {
  /** See `HELLO_ROLES`. */
  role: 'uint8',
  /** clientId or nodeId; 0 for a guest. */
  id: 'uint32',
  /** SHA-256 of the sender's peer id (multihash bytes). */
  peerIdHash: 'bytes32',
  /** SHA-256 of the receiver's peer id, so that a hello cannot be passed on. */
  remotePeerIdHash: 'bytes32',
  timeMs: 'uint64',
})
export type Hello = MessageOf<typeof helloType.fields>
export type SignedHello = Signed<Hello>

/** A guest is not on the ledger yet; it may only have its registration relayed. */
export const HELLO_ROLES = { guest: 0, client: 1, node: 2 } as const
export type HelloRole = keyof typeof HELLO_ROLES
