import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import type { NodeRecord } from '@orlop/protocol/ledger-records'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { NodeBook } from './node-book.ts'
import { recordOf } from './test-relay.ts'

const ADDRESSES = ['/ip4/192.0.2.1/tcp/4001']

describe('node book', () => {
  let nowMs = 0
  let nodes: NodeRecord[] = []
  let reads = 0
  let isAway = false
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }

  function book(): NodeBook {
    return new NodeBook({
      clock,
      freshMs: 1_000,
      readNodes: () => {
        reads += 1
        return isAway
          ? Promise.reject(new OrlopError('LEDGER_UNREACHABLE', 'away'))
          : Promise.resolve(nodes)
      },
    })
  }

  beforeEach(() => {
    nowMs = 0
    reads = 0
    isAway = false
    nodes = [recordOf({ peerId: 'a', addresses: ADDRESSES })]
  })

  for (const [state, isServed] of [
    ['pending', false],
    ['admitted', true],
    ['draining', true],
    ['retired', false],
  ] as const) {
    it(`${isServed ? 'gives' : 'does not give'} the addresses of a node that is ${state}`, async () => {
      nodes = [{ ...recordOf({ peerId: 'a', addresses: ADDRESSES }), state }]
      expect(await book().addressesOf('a')).to.deep.equal(isServed ? ADDRESSES : null)
    })
  }

  it('reads the registry once for all who ask at a time, and again when that is old', async () => {
    const one = book()
    await Promise.all([one.addressesOf('a'), one.addressesOf('b')])
    expect(reads).to.equal(1)
    nowMs = 1_000
    nodes = []
    expect(await one.addressesOf('a')).to.equal(null)
    expect(reads).to.equal(2)
  })

  it('goes on with what it saw last while the ledger is away, and fails when it saw nothing', async () => {
    const one = book()
    await one.addressesOf('a')
    isAway = true
    nowMs = 5_000
    expect(await one.addressesOf('a')).to.deep.equal(ADDRESSES)
    expect((await failureOf(book().addressesOf('a'))).code).to.equal('LEDGER_UNREACHABLE')
  })
})
