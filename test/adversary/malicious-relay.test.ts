import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { CborValue } from '@orlop/crypto/format/cbor'
import { DishonestNode, type Tamper } from '../testkit/tampering.ts'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

use(chaiAsPromised)

const BYTES = sampleBytes(2_000)
type Fields = Record<string, CborValue>

describe('adversary: a relay that shows another opening key', () => {
  let fleet: SdkFleet
  let relay: DishonestNode
  let friend: SdkClient
  let friendId: number
  let friendKey: Uint8Array
  /** Reads the ledger through the relay only. */
  let owner: SdkClient

  beforeEach(async () => {
    fleet = new SdkFleet()
    relay = new DishonestNode('A01', fleet.network)
    await fleet.fleet.startNode('A01', relay.settings)
    await fleet.startNodes(['A02'])
    friend = await fleet.client()
    friendId = friend.client.record!.clientId
    friendKey = friend.client.openingKey
    owner = await fleet.client({ relayed: true })
    const [first] = await fleet.fleet.admin.nodes()
    expect(first?.name).to.equal('A01')
  })
  afterEach(() => fleet.close())

  /** What the relay says is the friend's key: one whose secret the relay has. */
  const forgedKey = new Uint8Array(32).fill(9)
  const forge: Tamper = (frame, verb) => {
    const client = frame['client'] as Fields | null | undefined
    if (verb !== 'relay' || client?.['clientId'] !== friendId) return frame
    return { ...frame, client: { ...client, openingKey: forgedKey } }
  }

  async function stored(): Promise<string> {
    const source = { bytes: BYTES }
    return (await owner.client.store({ source, name: 'x', waitFor: 'recorded' })).objectId
  }

  async function friendReads(objectId: string): Promise<void> {
    const { stream } = await friend.client.retrieve({ objectId })
    expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
  }

  function isRefused(sharing: Promise<unknown>) {
    return expect(sharing).to.be.rejected.and.eventually.include({ code: 'RECIPIENT_KEY_CHANGED' })
  }

  it('gets nothing shared where the recipient is pinned', async () => {
    const recipient = { clientId: friendId, openingKey: friendKey }
    const objectId = await stored()
    relay.tamper = forge
    await isRefused(owner.client.share({ objectId, recipient }))
    await isRefused(owner.client.share({ objectId, recipient, trustNewKeys: true }))
    await isRefused(owner.client.rewrap({ objectId, recipients: [recipient] }))
    await isRefused(
      owner.client.store({ source: { bytes: BYTES }, name: 'y', recipients: [recipient] }),
    )
    relay.tamper = (frame) => frame
    await owner.client.share({ objectId, recipient })
    await friendReads(objectId)
  })

  it('gets nothing shared where the configuration pins the recipient', async () => {
    const pinnedRecipients = [{ clientId: friendId, openingKey: friendKey }]
    const objectId = await stored()
    owner = await fleet.restart(owner, { relayed: true, pinnedRecipients })
    relay.tamper = forge
    await isRefused(owner.client.share({ objectId, recipient: friendId, trustNewKeys: true }))
    relay.tamper = (frame) => frame
    await owner.client.share({ objectId, recipient: friendId })
    await friendReads(objectId)
  })

  it('gets nothing shared when the true key was seen first, also after a restart', async () => {
    const first = await stored()
    const shared = await owner.client.share({ objectId: first, recipient: friendId })
    expect(shared.openingKey).to.deep.equal(friendKey)
    owner = await fleet.restart(owner, { relayed: true })
    const second = await stored()
    relay.tamper = forge
    await isRefused(owner.client.share({ objectId: second, recipient: friendId }))
    const storing = { source: { bytes: BYTES }, name: 'y', recipients: [friendId] }
    await isRefused(owner.client.store(storing))
    expect(await owner.client.list()).to.have.length(2)
    relay.tamper = (frame) => frame
    await owner.client.share({ objectId: second, recipient: friendId })
    await friendReads(second)
  })

  it('cannot stop sharing with a known key by keeping the ledger away', async () => {
    const recipient = { clientId: friendId, openingKey: friendKey }
    const objectId = await stored()
    await owner.client.share({ objectId: await stored(), recipient })
    fleet.fleet.ledger.setOutage(true)
    await owner.client.share({ objectId, recipient: friendId })
    fleet.fleet.ledger.setOutage(false)
    await friendReads(objectId)
  })
})

describe('a recipient whose keys were rotated', () => {
  let fleet: SdkFleet
  let owner: SdkClient
  let friend: SdkClient
  let friendId: number
  let objectId: string

  beforeEach(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02'])
    owner = await fleet.client()
    friend = await fleet.client()
    friendId = friend.client.record!.clientId
    const source = { bytes: BYTES }
    objectId = (await owner.client.store({ source, name: 'x', waitFor: 'recorded' })).objectId
    await owner.client.share({ objectId, recipient: friendId })
    await friend.client.rotate({ recoverySecretKey: friend.recoverySecretKey })
  })
  afterEach(() => fleet.close())

  it('is shared with again when somebody says so, and from then on', async () => {
    const asBefore = owner.client.share({ objectId, recipient: friendId })
    await expect(asBefore)
      .to.be.rejectedWith('orlop whoami')
      .and.eventually.include({ code: 'RECIPIENT_KEY_CHANGED' })
    const trusted = { objectId, recipient: friendId, trustNewKeys: true }
    const { openingKey } = await owner.client.share(trusted)
    expect(openingKey).to.deep.equal(friend.client.openingKey)
    await owner.client.share({ objectId, recipient: friendId })
  })

  it('is shared with when the new key is pinned', async () => {
    const { openingKey } = friend.client
    await owner.client.share({ objectId, recipient: { clientId: friendId, openingKey } })
    await owner.client.share({ objectId, recipient: friendId })
  })

  it('can be revoked by the key that was shared with', async () => {
    await owner.client.revoke({ objectId, recipientId: friendId })
    const reading = friend.client.retrieve({ objectId })
    await expect(reading).to.be.rejected.and.eventually.include({ code: 'WRONG_KEY' })
  })

  it('is no recipient with a key of the wrong length', async () => {
    const recipient = { clientId: friendId, openingKey: new Uint8Array(31) }
    await expect(owner.client.share({ objectId, recipient })).to.be.rejectedWith(RangeError)
  })
})
