import { isOrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import { LedgerRpc } from '../rpc/ledger-rpc.ts'
import { RpcConnection } from '../rpc/rpc-connection.ts'
import { LogScanner, type ScanOptions } from './log-scanner.ts'

const hash = (number: number) => `0x${number.toString(16).padStart(64, '0')}`

interface Endpoint {
  /** Largest range it answers, in blocks. */
  maxRange: number
  /** Logs in each block. */
  logsPerBlock?: number
}

/** A scanner over an endpoint with one log or more in every block; `ranges` are those that were answered. */
function scanner({ maxRange, logsPerBlock = 1 }: Endpoint) {
  const ranges: [number, number][] = []
  const answer = (body: string) => {
    const { params } = JSON.parse(body) as { params: [{ fromBlock: string; toBlock: string }] }
    const [from, to] = [Number(params[0].fromBlock), Number(params[0].toBlock)]
    const jsonrpc = '2.0'
    if (to - from + 1 > maxRange) {
      return Response.json({ jsonrpc, id: 1, error: { code: -32000, message: 'range too large' } })
    }
    ranges.push([from, to])
    const result = []
    for (let block = from; block <= to; block++) {
      for (let logIndex = logsPerBlock - 1; logIndex >= 0; logIndex--) {
        result.push({
          address: '0x01',
          topics: [],
          data: '0x',
          blockNumber: `0x${block.toString(16)}`,
          blockHash: hash(block),
          transactionHash: hash(block),
          logIndex: `0x${logIndex.toString(16)}`,
        })
      }
    }
    return Response.json({ jsonrpc, id: 1, result })
  }
  const fake = ((_: string, init: { body: string }) =>
    Promise.resolve(answer(init.body))) as unknown as typeof fetch
  const rpc = new LedgerRpc(new RpcConnection('http://127.0.0.1:1', { fetch: fake }))
  const logs = new LogScanner(rpc)
  const read = async (fromBlock: number, toBlock: number, options?: ScanOptions) => {
    const blocks: string[] = []
    for await (const page of logs.pages({ address: '', topics: [], fromBlock, toBlock }, options)) {
      blocks.push(...page.map(({ blockNumber, logIndex }) => `${blockNumber}.${logIndex}`))
    }
    return blocks
  }
  return { read, ranges }
}

const upTo = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, place) => `${from + place}.0`)

describe('LogScanner', () => {
  for (const maxRange of [1, 3, 10, 5_000, 1_000_000]) {
    it(`gives every log once, in order, from an endpoint that answers ${maxRange} blocks`, async () => {
      const { read } = scanner({ maxRange })
      expect(await read(5, 300)).to.deep.equal(upTo(5, 300))
    })

    it(`does so backwards as well, with ${maxRange} blocks`, async () => {
      const { read } = scanner({ maxRange })
      expect(await read(5, 300, { isNewestFirst: true })).to.deep.equal(upTo(5, 300).reverse())
    })
  }

  it('orders logs of one block by their place', async () => {
    const { read } = scanner({ maxRange: 10, logsPerBlock: 3 })
    expect(await read(1, 2)).to.deep.equal(['1.0', '1.1', '1.2', '2.0', '2.1', '2.2'])
  })

  it('reads an empty range without asking', async () => {
    const { read, ranges } = scanner({ maxRange: 10 })
    expect(await read(9, 8)).to.deep.equal([])
    expect(ranges).to.deep.equal([])
  })

  it('takes smaller ranges where there are many logs', async () => {
    const { read, ranges } = scanner({ maxRange: 1_000_000, logsPerBlock: 4 })
    await read(1, 5_000)
    const lengths = ranges.map(([from, to]) => to - from + 1)
    expect(lengths[0]).to.equal(2_000)
    expect(Math.max(...lengths.slice(1))).to.be.at.most(1_000)
  })

  it('gives up when not even one block is answered', async () => {
    const { read } = scanner({ maxRange: 0 })
    const error: unknown = await read(1, 10).catch((caught: unknown) => caught)
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
  })
})
