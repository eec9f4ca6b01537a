import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { createRelayTransport } from '@orlop/transport/relay/create-relay-transport'
import { type ClientOptions, composeClient } from '../compose-client.ts'
import { MemoryKeyring } from '../keyring/memory-keyring.ts'
import { InlineCrew } from '../pipeline/inline-crew.ts'
import { defaultPolicy } from '../policy/default-policy.generated.ts'
import { SOFTWARE } from '../software.ts'
import { ManualClock } from '../testkit/manual-clock.ts'
import { openPageHome } from './open-page-home.ts'

use(chaiAsPromised)

const ADDRESS = `0x${'1'.repeat(40)}`
const CONTRACTS = { registry: ADDRESS, receipts: ADDRESS, credit: ADDRESS }
const DEPLOYMENT = { chainId: 1, ...CONTRACTS, fromBlock: 0 }

const overRelay: ClientOptions['transport'] = ({ self, admit }) => {
  const url = 'http://127.0.0.1:1'
  return Promise.resolve(createRelayTransport({ url, self, admit, software: SOFTWARE }))
}

/** Composes a client of crews of its own, which count how often they are stopped. */
async function compose(transport: ClientOptions['transport']) {
  const clock = new ManualClock()
  const crew = new InlineCrew()
  const stops = { count: 0 }
  const stop = () => {
    stops.count += 1
    return Promise.resolve()
  }
  const { keyring } = MemoryKeyring.create()
  const home = await openPageHome(null, clock)
  const ownCrews = { inline: crew, threads: crew, stop }
  const parts = { home, files: null, ownCrews, policy: defaultPolicy, clock }
  const client = composeClient({ keyring, deployment: DEPLOYMENT, transport }, parts)
  return { client, stops }
}

describe('a client’s own crews', () => {
  it('end with the client', async () => {
    const { client, stops } = await compose(overRelay)
    const opened = await client
    expect(stops.count).to.equal(0)
    await opened.close()
    expect(stops.count).to.equal(1)
  })

  it('end when the client cannot be made', async () => {
    const { client, stops } = await compose(() => Promise.reject(new Error('no way out')))
    await expect(client).to.be.rejectedWith('no way out')
    expect(stops.count).to.equal(1)
  })
})
