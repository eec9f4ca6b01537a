import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { Deployment } from '@orlop/protocol/deployment'
import { OrlopError } from '@orlop/protocol/errors'
import type { Receipt } from '@orlop/protocol/ledger-records'
import { encodeErrorFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import type { FrameChannel, Peer } from '@orlop/transport/transport'
import { collect } from '../retrieve/collect.ts'
import { RelayLedgerReader } from './relay-ledger-reader.ts'

use(chaiAsPromised)

const ADDRESS = `0x${'1'.repeat(40)}`
const deployment: Deployment = {
  chainId: 1,
  registry: ADDRESS,
  receipts: ADDRESS,
  credit: ADDRESS,
  fromBlock: 0,
}

function receipt(sequence: number): Receipt {
  const bytes = new Uint8Array(32)
  const position = {
    blockNumber: sequence,
    blockHash: '0x',
    blockTimeMs: 0,
    transactionHash: '0x',
    logIndex: 0,
  }
  return {
    ...{ objectId: bytes, headerHash: bytes, root: bytes, streamBytes: 1, expiry: 1, sequence },
    ...{ clientId: 1, nodeId: 1, classCode: 0, index: 0, k: 1, m: 1, level: 1, flags: 0 },
    batchId: 1,
    position,
  }
}

/** A node that answers every relay stream with these frames; null breaks the connection. */
function relay(frames: (Uint8Array | null)[]): Peer {
  const open = (): Promise<FrameChannel> => {
    const left = [...frames]
    return Promise.resolve({
      verb: 'relay',
      peer: { role: 'node', id: 7, account: ADDRESS, peerId: 'p' },
      send: () => Promise.resolve(),
      receive: () => {
        const frame = left.shift()
        if (frame !== null) return Promise.resolve(frame ?? null)
        return Promise.reject(new OrlopError('NODE_UNREACHABLE', 'The connection broke.'))
      },
      close: () => Promise.resolve(),
      abort: () => undefined,
    })
  }
  return {
    identity: { role: 'node', id: 7, account: ADDRESS, peerId: 'p' },
    roundTripMs: 1,
    clockSkewMs: 0,
    isOpen: true,
    open,
    close: () => Promise.resolve(),
  }
}

function page(from: number, to: number, more: boolean): Uint8Array {
  const records = Array.from({ length: to - from }, (_, index) => receipt(from + index))
  return encodeFrame({ records, more })
}

function readerOf(...peers: Peer[]): RelayLedgerReader {
  return new RelayLedgerReader(deployment, async function* () {
    await Promise.resolve()
    yield* peers
  })
}

describe('relay ledger reader', () => {
  it('reads lists over several pages to their end', async () => {
    const reader = readerOf(relay([page(0, 256, true), page(256, 300, false)]))
    const sequences = (await collect(reader.receipts({}))).map(({ sequence }) => sequence)
    expect(sequences).to.deep.equal(Array.from({ length: 300 }, (_, index) => index))
  })

  it('goes on with the next node where one breaks off, giving nothing twice', async () => {
    const broken = relay([page(0, 10, true), null])
    const whole = relay([page(0, 10, true), page(10, 20, false)])
    const sequences = (await collect(readerOf(broken, whole).receipts({}))).map(
      ({ sequence }) => sequence,
    )
    expect(sequences).to.deep.equal(Array.from({ length: 20 }, (_, index) => index))
  })

  it('says that the ledger is unreachable when no node answers, or none is there', async () => {
    const refusing = relay([encodeErrorFrame(new OrlopError('LEDGER_UNREACHABLE', 'Away.'))])
    for (const reader of [readerOf(refusing, relay([null])), readerOf()]) {
      await expect(reader.head()).to.be.rejected.and.eventually.include({
        code: 'LEDGER_UNREACHABLE',
      })
      await expect(collect(reader.receipts({}))).to.be.rejected.and.eventually.include({
        code: 'LEDGER_UNREACHABLE',
      })
    }
  })

  it('asks another node when one answers with nonsense', async () => {
    const head = { blockNumber: 5, blockHash: '0x05', blockTimeMs: 1 }
    const reader = readerOf(relay([encodeFrame({ nonsense: 1 })]), relay([encodeFrame({ head })]))
    expect(await reader.head()).to.deep.equal(head)
  })
})
