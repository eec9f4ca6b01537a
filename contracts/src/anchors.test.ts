import { expect } from 'chai'
import { getBytes } from 'ethers'
import { systemClock } from '@orlop/protocol/clock'
import { isOrlopError } from '@orlop/protocol/errors'
import { type Anchor, anchorsAddress, readAnchors, sendAnchors } from './anchors.ts'
import { addressOfKey, testKey } from './chain-client.fixture.ts'
import { AnvilProcess } from './embedded/anvil-process.ts'
import { TransactionSender } from './ethers/transaction-sender.ts'
import { LedgerRpc } from './rpc/ledger-rpc.ts'
import { RpcConnection } from './rpc/rpc-connection.ts'

const anchor = (number: number): Anchor => ({
  subject: new Uint8Array(32).fill(7),
  number,
  digest: new Uint8Array(32).fill(number),
})

describe('anchors', () => {
  let anvil: AnvilProcess
  before(async () => {
    anvil = await AnvilProcess.start()
  })
  after(() => anvil.stop())

  const send = (privateKey: Uint8Array, anchors: Anchor[]) =>
    sendAnchors({ rpcUrl: anvil.rpcUrl, privateKey, anchors, clock: systemClock })
  const read = (privateKey: Uint8Array) =>
    readAnchors({ rpcUrl: anvil.rpcUrl, account: getBytes(addressOfKey(privateKey)) })

  it('are read back in order by whoever knows the account, and there are none before the first', async () => {
    const key = testKey(71)
    expect(await read(key)).to.deep.equal([])
    const first = await send(key, [anchor(1), anchor(2)])
    const last = await send(key, [anchor(3)])
    const records = await read(key)
    expect(records.map(({ number }) => number)).to.deep.equal([1, 2, 3])
    expect(records.map(({ transactionHash }) => transactionHash)).to.deep.equal([...first, ...last])
    expect(records[0]).to.deep.include(anchor(1))
    const blocks = records.map(({ blockNumber }) => blockNumber)
    expect(blocks).to.deep.equal([...blocks].sort((left, right) => left - right))
  })

  it('of one account are not those of another', async () => {
    const [one, other] = [testKey(72), testKey(73)]
    await send(one, [anchor(1)])
    await send(other, [anchor(2)])
    expect(anchorsAddress(addressOfKey(one))).to.not.equal(anchorsAddress(addressOfKey(other)))
    expect((await read(one)).map(({ number }) => number)).to.deep.equal([1])
  })

  it('are refused for an account that was used before, since nobody would find them', async () => {
    const privateKey = testKey(74)
    const rpc = new LedgerRpc(new RpcConnection(anvil.rpcUrl))
    const chainId = await rpc.chainId()
    const sender = new TransactionSender({ rpc, chainId, privateKey, clock: systemClock })
    await sender.send({ action: 'use the account', to: sender.account, data: '0x' })
    const error: unknown = await send(privateKey, [anchor(1)]).catch((reason: unknown) => reason)
    expect(isOrlopError(error, 'LEDGER_REJECTED') && error.details['reason']).to.equal(
      'AccountUsed',
    )
  })
})
