import { expect } from 'chai'
import { MemoryChainClient } from '@orlop/contracts/memory-chain-client'
import { MemoryLedger } from '@orlop/contracts/memory-ledger'
import { registerClientType, rotateSignerType } from '@orlop/protocol/messages/identity'
import { removeType } from '@orlop/protocol/messages/keeping'
import { signMessage } from '@orlop/protocol/typed-message'
import { ManualTime } from '../storage/testkit/manual-time.ts'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { accountOf, keyOf } from '../testkit/test-keys.ts'
import { LedgerView } from './ledger-view.ts'

describe('the ledger as a node sees it', () => {
  let time: ManualTime
  let ledger: MemoryLedger
  let chain: MemoryChainClient
  let reads: number
  let view: LedgerView

  beforeEach(async () => {
    time = new ManualTime()
    ledger = new MemoryLedger({ admin: accountOf('admin') })
    chain = new MemoryChainClient(ledger, accountOf('admin'))
    await chain.registerClient(
      signMessage(
        registerClientType,
        ledger.deployment,
        {
          signer: accountOf('ship'),
          recovery: accountOf('safe'),
          openingKey: keyOf('opening'),
          imoNumber: 0,
          name: 'ship',
        },
        keyOf('ship ledger'),
      ),
    )
    reads = 0
    const counted = new Proxy(chain, {
      get: (target, name) => {
        if (name === 'client' || name === 'nodes') reads += 1
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    view = new LedgerView(counted, { clock: time, freshMs: 10_000 })
  })

  const signedBy = (label: string) =>
    signMessage(
      removeType,
      ledger.deployment,
      { objectId: keyOf('object'), clientId: 1, index: 255 },
      keyOf(`${label} ledger`),
    )

  it('is asked once by many, and again when it is old', async () => {
    await Promise.all([view.client(1), view.client(1), view.client(1)])
    await view.client(1)
    expect(reads).to.equal(1)
    time.advance(10_000)
    await view.client(1)
    expect(reads).to.equal(2)
  })

  it('stays as it was while the ledger is away', async () => {
    await view.client(1)
    ledger.setOutage(true)
    time.advance(3_600_000)
    expect((await view.client(1, true))?.name).to.equal('ship')
    expect((await failureOf(view.client(2))).code).to.equal('LEDGER_UNREACHABLE')
  })

  it('survives a restart without a ledger', async () => {
    await view.client(1)
    ledger.setOutage(true)
    const later = new LedgerView(chain, { clock: time })
    later.restore(view.snapshot())
    expect((await later.client(1))?.name).to.equal('ship')
  })

  it('accepts a signer that was rotated since it looked, and the former one no more', async () => {
    await view.assertSignedByClient(removeType, signedBy('ship'), 1)
    await chain.rotateSigner(
      signMessage(
        rotateSignerType,
        ledger.deployment,
        { clientId: 1, newSigner: accountOf('new ship'), newOpeningKey: keyOf('o2'), nonce: 0 },
        keyOf('safe ledger'),
      ),
    )
    await view.assertSignedByClient(removeType, signedBy('new ship'), 1)
    const failure = await failureOf(view.assertSignedByClient(removeType, signedBy('ship'), 1))
    expect(failure.code).to.equal('SIGNATURE_INVALID')
  })

  it('says when there is no such client', async () => {
    const failure = await failureOf(view.assertSignedByClient(removeType, signedBy('ship'), 9))
    expect(failure.code).to.equal('NOT_ADMITTED')
  })
})
