import { expect } from 'chai'
import { decodeEnvelope, encodeEnvelope, hashEnvelope } from '@orlop/crypto/format/envelope'
import { decodeHeader } from '@orlop/crypto/format/header'
import { envelopeUpdateType } from '@orlop/protocol/messages/keeping'
import { signMessage } from '@orlop/protocol/typed-message'
import { readAll, sampleBytes, SdkFleet } from '../testkit/sdk-fleet.ts'
import { DishonestNode, type Tamper } from '../testkit/tampering.ts'

const BYTES = sampleBytes(3_000)

describe('adversary: a thief with replaced keys, and a node that helps', () => {
  let fleet: SdkFleet
  let helper: DishonestNode

  beforeEach(async () => {
    fleet = new SdkFleet()
    helper = new DishonestNode('A01', fleet.network)
    await fleet.fleet.startNode('A01', helper.settings)
    await fleet.startNodes(['A02'])
  })
  afterEach(() => fleet.close())

  /** The envelope with a far newer version, signed with `key`. */
  function newer(bytes: Uint8Array, clientId: number, key: Uint8Array): Uint8Array {
    const unsigned = { ...decodeEnvelope(bytes), version: 99 }
    const { objectId } = decodeHeader(unsigned.headerBytes)
    const message = { objectId, clientId, version: 99, envelopeHash: hashEnvelope(unsigned) }
    const { deployment } = fleet.fleet.ledger
    const { signature } = signMessage(envelopeUpdateType, deployment, message, key)
    return encodeEnvelope({ ...unsigned, signature })
  }

  it('displaces no envelope that the present key has signed, though theirs is newer', async () => {
    const owner = await fleet.client()
    const friend = await fleet.client()
    const ownerId = owner.client.record!.clientId
    const recipient = friend.client.record!.clientId
    const source = { bytes: BYTES }
    const { objectId } = await owner.client.store({ source, name: 'x', waitFor: 'recorded' })
    const stolen = owner.keyring.keySets[0]!.ledgerSecretKey.slice()
    await owner.client.rotate({ recoverySecretKey: owner.recoverySecretKey })
    await owner.client.rewrap({ objectId, recipients: [recipient] })
    let shown = 0
    const displace: Tamper = (frame, verb) => {
      const { envelope } = frame
      if (verb !== 'envelope' || !(envelope instanceof Uint8Array)) return frame
      shown += 1
      return { ...frame, envelope: newer(envelope, ownerId, stolen) }
    }
    helper.tamper = displace
    const { stream, entry } = await friend.client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
    expect(shown).to.be.greaterThan(0)
    expect(entry.envelopeVersion).to.equal(2)
  })
})
