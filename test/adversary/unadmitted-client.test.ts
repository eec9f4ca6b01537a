import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const BYTES = sampleBytes(40_000)
const REQUEST = { source: { bytes: BYTES }, name: 'x' }

describe('adversary: a client that is not admitted', () => {
  let fleet: SdkFleet

  beforeEach(async () => {
    fleet = new SdkFleet()
    // Not the ledger's admin: whom a steward registers is admitted at once.
    await fleet.startNodes(['A02', 'A03'])
  })
  afterEach(() => fleet.close())

  it('stores nothing while it is unknown or waits, and can as soon as it is admitted', async () => {
    const { client, home } = await fleet.guest()
    expect((await failureOf(client.store(REQUEST))).code).to.equal('NOT_ADMITTED')
    const { clientId } = await client.register({ name: 'MV Hopeful' })
    expect((await failureOf(client.store(REQUEST))).code).to.equal('NOT_ADMITTED')
    // Nothing was sealed for nodes that would not take it.
    expect(await readdir(join(home, 'spool'))).to.deep.equal([])
    expect(await client.list()).to.deep.equal([])
    await fleet.fleet.admin.admitClient(clientId, 0)
    expect((await client.store(REQUEST)).state).to.equal('stored')
  })

  it('reads nothing of others', async () => {
    const { client: owner } = await fleet.client()
    const { objectId } = await owner.store({ ...REQUEST, waitFor: 'recorded' })
    const { client: stranger } = await fleet.guest()
    const { code } = await failureOf(
      stranger.retrieve({ objectId }).then(({ stream }) => readAll(stream)),
    )
    expect(code).to.be.oneOf(['NOT_ADMITTED', 'NOT_AUTHORIZED', 'NODE_UNREACHABLE'])
  })

  it('is stopped in the middle of an upload when it is suspended, and goes on when it is admitted again', async () => {
    const made = await fleet.client()
    const { client } = made
    const clientId = client.record!.clientId
    const bytes = sampleBytes(3_000_000)
    const stop = new AbortController()
    let suspended: Promise<void> = Promise.resolve()
    let isSuspended = false
    let refused = 0
    const storing = client.store(
      { source: { bytes }, name: 'x', overrides: { codec: 'stored' } },
      {
        signal: stop.signal,
        onProgress: (event) => {
          if (event.type === 'sent' && event.durableBytes > 500_000 && !isSuspended) {
            isSuspended = true
            suspended = suspend(made)
          }
          if (event.type === 'retrying' && ++refused === 3) stop.abort()
        },
      },
    )
    const failure = await failureOf(storing)
    await suspended
    expect(failure.code).to.be.oneOf(['ABORTED', 'NOT_ADMITTED'])
    expect(await Array.fromAsync(fleet.reader().receipts({ clientId }))).to.deep.equal([])
    await fleet.fleet.admin.admitClient(clientId, 0)
    const later = await fleet.restart(made)
    const { stored } = await later.client.resume()
    const again = stored[0] ?? (await later.client.store({ source: { bytes }, name: 'x' }))
    const { stream } = await later.client.retrieve({ objectId: again.objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  async function suspend({ client, transport }: SdkClient): Promise<void> {
    await fleet.fleet.admin.suspendClient(client.record!.clientId, 'of the test')
    for (const { peerId } of await client.nodes()) fleet.network.break(transport.peerId, peerId)
  }
})
