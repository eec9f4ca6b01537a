import { TypedDataEncoder, type TypedDataField, type Wallet } from 'ethers'

const field = (declaration: string): TypedDataField => {
  const [type, name] = declaration.split(' ')
  return { type: type ?? '', name: name ?? '' }
}

/** The EIP-712 strings of the design, written out again here on purpose: contracts and `protocol` must both agree with them. */
export const TYPE_STRINGS = {
  Commit:
    'Commit(bytes32 objectId,bytes32 headerHash,bytes32 root,uint64 streamBytes,uint64 expiry,uint64 sequence,uint32 clientId,uint32 nodeId,uint16 classCode,uint8 index,uint8 k,uint8 m,uint8 level,uint8 flags)',
  Ack: 'Ack(bytes32 commitHash,uint32 nodeId,uint64 storedAtMs)',
  Extend: 'Extend(bytes32 objectId,uint32 clientId,uint8 index,uint64 expiry)',
  Remove: 'Remove(bytes32 objectId,uint32 clientId,uint8 index)',
  Move: 'Move(bytes32 objectId,uint8 index,uint32 fromNodeId,uint64 fromSequence,uint32 toNodeId,uint64 toSequence)',
  EnvelopeUpdate:
    'EnvelopeUpdate(bytes32 objectId,uint32 clientId,uint64 version,bytes32 envelopeHash)',
  Rating: 'Rating(uint32 nodeId,uint64 sequence,uint32 clientId,uint8 score,uint16 causeCode)',
  RegisterClient:
    'RegisterClient(address signer,address recovery,bytes32 openingKey,uint32 imoNumber,string name)',
  RotateSigner:
    'RotateSigner(uint32 clientId,address newSigner,bytes32 newOpeningKey,uint64 nonce)',
} as const

export type MessageName = keyof typeof TYPE_STRINGS
export type Value = string | number | bigint
export type Message = Readonly<Record<string, Value>>

export interface Domain {
  name: 'Orlop'
  version: '1'
  chainId: bigint
  verifyingContract: string
}

const encoders = new Map<MessageName, TypedDataEncoder>()

export function encoderOf(name: MessageName): TypedDataEncoder {
  let encoder = encoders.get(name)
  if (encoder === undefined) {
    const declarations = TYPE_STRINGS[name].slice(name.length + 1, -1).split(',')
    encoder = TypedDataEncoder.from({ [name]: declarations.map(field) })
    encoders.set(name, encoder)
  }
  return encoder
}

/** EIP-712 digest of a message. */
export function digestOf(name: MessageName, domain: Domain, message: Message): string {
  return TypedDataEncoder.hash(domain, encoderOf(name).types, message)
}

/** The signature of a message, 64 bytes (EIP-2098). */
export function sign(by: Wallet, name: MessageName, domain: Domain, message: Message): string {
  return by.signingKey.sign(digestOf(name, domain, message)).compactSerialized
}
