import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { CborValue } from '@orlop/crypto/format/cbor'
import { encodeHex } from '@orlop/crypto/bytes'
import { parseObjectId } from '@orlop/protocol/ids'
import { RelayedFleet } from '../testkit/relayed-client.ts'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'
import type { Tamper } from '../testkit/tampering.ts'
import { type Tampering, tamperingDialer } from '../testkit/tampering-dialer.ts'

use(chaiAsPromised)

const honest: Tamper = (frame) => frame

/** Changes the last byte of every data frame of one verb. */
function spoilData(verb: string): Tamper {
  return (frame, sentVerb) => {
    const { data } = frame
    if (sentVerb !== verb || !(data instanceof Uint8Array) || data.length === 0) return frame
    const changed = data.slice()
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1
    return { ...frame, data: changed }
  }
}

describe('adversary: a gateway that relays a browser’s frames', () => {
  let fleet: SdkFleet
  let gateway: RelayedFleet
  let owner: SdkClient
  const tampering: Tampering = { toNode: honest, toClient: honest }

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
    gateway = await RelayedFleet.start(fleet, (dialer) => tamperingDialer(dialer, tampering))
    owner = await gateway.client({ settings: { distrustMs: 0 } })
  })

  beforeEach(() => {
    tampering.toNode = tampering.toClient = honest
  })

  after(async () => {
    await fleet.close()
    await gateway.stop()
  })

  const overrides = { codec: 'stored' } as const

  it('carries an object there and back unchanged while it is honest', async () => {
    const bytes = sampleBytes(600_000)
    const { objectId } = await owner.client.store({ source: { bytes }, name: 'a', overrides })
    const { stream } = await owner.client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
  })

  it('sees no plaintext, no name and no key in all that passes through it', async () => {
    const seen: string[] = []
    const collect = (value: CborValue): void => {
      if (value instanceof Uint8Array) seen.push(Buffer.from(value).toString('latin1'))
      else if (typeof value === 'string') seen.push(value)
      else if (value !== null && typeof value === 'object') Object.values(value).forEach(collect)
    }
    const watch: Tamper = (frame) => {
      collect(frame)
      return frame
    }
    tampering.toNode = tampering.toClient = watch
    const text = 'the captain’s secret course '.repeat(40)
    const { objectId } = await owner.client.store({
      source: { bytes: new TextEncoder().encode(text) },
      name: 'voyage-to-nowhere.txt',
      overrides,
    })
    await readAll((await owner.client.retrieve({ objectId })).stream)
    const passed = seen.join('\n')
    expect(passed.length).to.be.above(1_000)
    for (const secret of ['captain', 'voyage-to-nowhere', 'secret course']) {
      expect(passed).not.to.contain(secret)
    }
    for (const { ledgerSecretKey, openingSecretKey } of owner.keyring.keySets) {
      for (const key of [ledgerSecretKey, openingSecretKey]) {
        expect(passed).not.to.contain(Buffer.from(key).toString('latin1'))
        expect(passed).not.to.contain(encodeHex(key))
      }
    }
  })

  it('can make a fetch fail, never bring other bytes', async () => {
    const bytes = sampleBytes(100_000)
    const { objectId } = await owner.client.store({ source: { bytes }, name: 'b', overrides })
    tampering.toClient = spoilData('fetch')
    const reading = owner.client.retrieve({ objectId }).then(({ stream }) => readAll(stream))
    await expect(reading).to.be.rejected.and.eventually.include({ code: 'OBJECT_DAMAGED' })
  })

  it('can make an upload fail, never have other bytes acknowledged or recorded', async () => {
    tampering.toNode = spoilData('store')
    const noticed = new AbortController()
    const damaged: string[] = []
    const stop = owner.client.listen((event) => {
      if (event.type !== 'damaged') return
      damaged.push(event.objectName)
      noticed.abort()
    })
    const storing = owner.client.store(
      { source: { bytes: sampleBytes(50_000) }, overrides },
      noticed,
    )
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'ABORTED' })
    stop()
    expect(damaged).to.have.length(1)
    const objectId = parseObjectId(damaged[0]!)
    expect(await Array.fromAsync(fleet.fleet.admin.receipts({ objectId }))).to.deep.equal([])
  })
})
