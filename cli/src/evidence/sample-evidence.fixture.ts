import type { Evidence } from '@orlop/client-sdk/evidence/evidence-format'

const bytes = (value: number) => new Uint8Array(32).fill(value)
const address = (digit: string) => `0x${digit.repeat(40)}`
/** 2026-11-22 03:00 UTC. */
const TIME_MS = 1_795_316_400_000

function positionAt(blockNumber: number) {
  return {
    blockNumber,
    blockHash: `0x${'ab'.repeat(32)}`,
    blockTimeMs: TIME_MS + blockNumber * 1000,
    transactionHash: `0x${'cd'.repeat(32)}`,
    logIndex: 0,
  }
}

/** Evidence of one object with so many receipts, for those who show it; its signatures are none. */
export function sampleEvidence(receipts: number): Evidence {
  const objectId = bytes(1)
  return {
    format: 'orlop-evidence',
    version: 1,
    deployment: {
      chainId: 4205,
      registry: address('1'),
      receipts: address('2'),
      credit: address('3'),
      fromBlock: 1,
    },
    subject: { kind: 'objects', clientId: 1, objectIds: [objectId] },
    head: { blockNumber: 99, blockHash: `0x${'ef'.repeat(32)}`, blockTimeMs: TIME_MS + 99_000 },
    exported: { atMs: TIME_MS + 100_000, clientId: 1, signer: address('4'), software: 'test' },
    clients: [{ clientId: 1, name: '远洋之星', imoNumber: 9_074_729, signers: [address('4')] }],
    nodes: [
      { nodeId: 1, name: 'A01', account: address('5') },
      { nodeId: 2, name: 'A02', account: address('6') },
    ],
    receipts: Array.from({ length: receipts }, (_, sequence) => ({
      commit: {
        objectId,
        headerHash: bytes(2),
        root: bytes(3),
        streamBytes: 5_000,
        expiry: 4_102_444_800,
        sequence,
        clientId: 1,
        nodeId: 1,
        classCode: 1,
        index: sequence % 16,
        k: 1,
        m: 15,
        level: 2,
        flags: 1,
      },
      commitSignature: null,
      ack: null,
      batch: { batchId: 1, root: bytes(4), proof: [] },
      position: positionAt(10),
    })),
    events: [],
    ratings: [],
    signature: new Uint8Array(64),
  }
}

/** One of every event that there is, about the sample's strips. */
export function sampleEvents(): Evidence['events'] {
  const object = { objectId: bytes(1), clientId: 1 }
  return [
    { kind: 'extended', ...object, index: 255, expiry: 4_133_980_800, position: positionAt(11) },
    { kind: 'removed', ...object, index: 1, position: positionAt(12) },
    {
      kind: 'moved',
      ...object,
      index: 0,
      fromNodeId: 1,
      fromSequence: 0,
      toNodeId: 2,
      toSequence: 7,
      position: positionAt(13),
    },
    { kind: 'envelope', ...object, version: 2, envelopeHash: bytes(9), position: positionAt(14) },
  ]
}
