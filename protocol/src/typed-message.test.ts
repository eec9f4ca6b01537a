import { expect } from 'chai'
import { TypedDataEncoder, verifyTypedData, Wallet } from 'ethers'
import { decodeHex, encodeHex } from '@orlop/crypto/bytes'
import type { Deployment } from './deployment.ts'
import { isOrlopError } from './errors.ts'
import { helloType, registerClientType, rotateSignerType } from './messages/identity.ts'
import {
  envelopeUpdateType,
  extendType,
  moveType,
  ratingType,
  removeType,
} from './messages/keeping.ts'
import {
  ackType,
  type Commit,
  commitType,
  offerType,
  refusalType,
  reservationType,
} from './messages/storing.ts'
import { assertSignedBy, digestOf, signerOf, signMessage } from './typed-message.ts'

const deployment: Deployment = {
  chainId: 4205,
  registry: '0x00000000000000000000000000000000000000A1',
  receipts: '0x00000000000000000000000000000000000000b2',
  credit: '0x00000000000000000000000000000000000000C3',
  fromBlock: 0,
}
const key = decodeHex('46'.repeat(32))
const wallet = new Wallet(`0x${'46'.repeat(32)}`)

const commit: Commit = {
  objectId: new Uint8Array(32).fill(1),
  headerHash: new Uint8Array(32).fill(2),
  root: new Uint8Array(32).fill(3),
  streamBytes: 1_000_000,
  expiry: 1_900_000_000,
  sequence: 7,
  clientId: 3,
  nodeId: 2,
  classCode: 1,
  index: 0,
  k: 1,
  m: 1,
  level: 2,
  flags: 1,
}

describe('signed messages', () => {
  const domain = {
    name: 'Orlop',
    version: '1',
    chainId: 4205,
    verifyingContract: deployment.receipts,
  }
  const types = {
    Commit: Object.entries(commitType.fields).map(([name, type]) => ({ name, type })),
  }

  it('hash as an independent EIP-712 implementation does', () => {
    expect(encodeHex(digestOf(commitType, deployment, commit))).to.equal(
      TypedDataEncoder.hash(domain, types, commit).slice(2),
    )
  })

  it('are accepted by a wallet’s own verifier', () => {
    const { signature } = signMessage(commitType, deployment, commit, key)
    expect(verifyTypedData(domain, types, commit, `0x${encodeHex(signature)}`)).to.equal(
      wallet.address,
    )
  })

  it('give their signer back, and nobody else’s name after a change of any field', () => {
    const signed = signMessage(commitType, deployment, commit, key)
    expect(signerOf(commitType, deployment, signed)).to.equal(wallet.address)
    const changes: Partial<Commit>[] = [
      { objectId: new Uint8Array(32).fill(9) },
      { headerHash: new Uint8Array(32).fill(9) },
      { root: new Uint8Array(32).fill(9) },
      { streamBytes: 9 },
      { expiry: 9 },
      { sequence: 9 },
      { clientId: 9 },
      { nodeId: 9 },
      { classCode: 9 },
      { index: 9 },
      { k: 9 },
      { m: 9 },
      { level: 9 },
      { flags: 0 },
    ]
    expect(changes.length).to.equal(Object.keys(commitType.fields).length)
    for (const change of changes) {
      const forged = { message: { ...commit, ...change }, signature: signed.signature }
      expect(
        () => {
          assertSignedBy(commitType, deployment, forged, wallet.address)
        },
        JSON.stringify(Object.keys(change)),
      )
        .to.throw()
        .and.satisfy((error: unknown) => isOrlopError(error, 'SIGNATURE_INVALID'))
    }
  })

  it('mean nothing on another chain or under another contract', () => {
    const signed = signMessage(commitType, deployment, commit, key)
    for (const other of [
      { ...deployment, chainId: 1 },
      { ...deployment, receipts: deployment.credit },
    ]) {
      expect(() => {
        assertSignedBy(commitType, other, signed, wallet.address)
      }).to.throw('is signed by')
    }
  })

  it('refuse values that do not fit their Solidity type', () => {
    for (const bad of [
      { k: 256 },
      { sequence: -1 },
      { root: new Uint8Array(31) },
      { nodeId: 2 ** 32 },
      { streamBytes: 1.5 },
    ]) {
      expect(() => digestOf(commitType, deployment, { ...commit, ...bad })).to.throw(RangeError)
    }
  })

  it('have the type strings that contracts and other implementations rely on', () => {
    const types = [
      offerType,
      reservationType,
      refusalType,
      commitType,
      ackType,
      extendType,
      removeType,
      moveType,
      envelopeUpdateType,
      ratingType,
      registerClientType,
      rotateSignerType,
      helloType,
    ]
    expect(
      types.map(({ contract, encoder, name }) => `${contract}: ${encoder.encodeType(name)}`),
    ).to.deep.equal([
      'receipts: Offer(bytes32 objectId,uint32 clientId,uint32 nodeId,uint64 requestTimeMs,uint64 maxBytes,uint8 k,uint8 m,uint16 classCode,uint64 expiry,uint32[] proposedNodeIds)',
      'receipts: Reservation(bytes32 objectId,uint8 index,uint32 clientId,uint32 nodeId,uint64 sequence,uint64 maxBytes,uint64 heldUntilMs)',
      'receipts: Refusal(bytes32 objectId,uint32 clientId,uint32 nodeId,uint64 requestTimeMs,uint16 reasonCode,uint64 retryAfterMs,uint64 nodeTimeMs)',
      'receipts: Commit(bytes32 objectId,bytes32 headerHash,bytes32 root,uint64 streamBytes,uint64 expiry,uint64 sequence,uint32 clientId,uint32 nodeId,uint16 classCode,uint8 index,uint8 k,uint8 m,uint8 level,uint8 flags)',
      'receipts: Ack(bytes32 commitHash,uint32 nodeId,uint64 storedAtMs)',
      'receipts: Extend(bytes32 objectId,uint32 clientId,uint8 index,uint64 expiry)',
      'receipts: Remove(bytes32 objectId,uint32 clientId,uint8 index)',
      'receipts: Move(bytes32 objectId,uint8 index,uint32 fromNodeId,uint64 fromSequence,uint32 toNodeId,uint64 toSequence)',
      'receipts: EnvelopeUpdate(bytes32 objectId,uint32 clientId,uint64 version,bytes32 envelopeHash)',
      'credit: Rating(uint32 nodeId,uint64 sequence,uint32 clientId,uint8 score,uint16 causeCode)',
      'registry: RegisterClient(address signer,address recovery,bytes32 openingKey,uint32 imoNumber,string name)',
      'registry: RotateSigner(uint32 clientId,address newSigner,bytes32 newOpeningKey,uint64 nonce)',
      'registry: Hello(uint8 role,uint32 id,bytes32 peerIdHash,bytes32 remotePeerIdHash,uint64 timeMs)',
    ])
  })
})
