import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import type { ClientEvent } from '@orlop/client-sdk/events'
import { decodeCbor } from '@orlop/crypto/format/cbor'
import type { FrameInTransit } from '@orlop/transport/memory-network'
import { OrlopError } from '@orlop/protocol/errors'
import { formatObjectId, parseObjectId } from '@orlop/protocol/ids'
import { EVERY_STRIP, MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

use(chaiAsPromised)

const BYTES = sampleBytes(10_000)

describe('sdk: sharing and keeping', () => {
  let fleet: SdkFleet
  let owner: SdkClient
  let friend: SdkClient
  let friendId: number

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
    owner = await fleet.client()
    friend = await fleet.client()
    friendId = friend.client.record!.clientId
  })
  after(() => fleet.close())

  async function storeRecorded(from: SdkClient = owner): Promise<string> {
    const request = { source: { bytes: BYTES }, name: 'shared.bin', waitFor: 'recorded' } as const
    return (await from.client.store(request)).objectId
  }

  async function reads(by: SdkClient, objectId: string, passphrase?: string): Promise<void> {
    const request = passphrase === undefined ? { objectId } : { objectId, passphrase }
    const { stream } = await by.client.retrieve(request)
    expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
  }

  function refused(by: SdkClient, objectId: string, code: string, passphrase?: string) {
    const request = passphrase === undefined ? { objectId } : { objectId, passphrase }
    return expect(by.client.retrieve(request)).to.be.rejected.and.eventually.include({ code })
  }

  it('opens an object to nobody but its owner', async () => {
    await refused(friend, await storeRecorded(), 'WRONG_KEY')
  })

  it('opens an object to a client it was shared with, until that is revoked', async () => {
    const objectId = await storeRecorded()
    const shared = await owner.client.share({ objectId, recipient: friendId })
    expect(shared.version).to.equal(2)
    expect(shared.waitingNodeIds).to.deep.equal([])
    await reads(friend, objectId)
    const revoked = await owner.client.revoke({ objectId, recipientId: friendId })
    expect(revoked.version).to.equal(3)
    await refused(friend, objectId, 'WRONG_KEY')
    await reads(owner, objectId)
    const again = owner.client.revoke({ objectId, recipientId: friendId })
    await expect(again).to.be.rejected.and.eventually.include({ code: 'USAGE' })
  })

  it('shares at once with the recipients given when storing', async () => {
    const { objectId } = await owner.client.store({
      source: { bytes: BYTES },
      name: 'x',
      recipients: [friendId],
      passphrase: 'open sesame',
      waitFor: 'recorded',
    })
    await reads(friend, objectId)
    const stranger = await fleet.client()
    await refused(stranger, objectId, 'WRONG_KEY')
    await refused(stranger, objectId, 'WRONG_KEY', 'open barley')
    await reads(stranger, objectId, 'open sesame')
    await owner.client.revoke({ objectId, passphrases: true })
    await refused(stranger, objectId, 'WRONG_KEY', 'open sesame')
  })

  it('refuses to share what is not its own, with two kinds at once, or with a client nobody knows', async () => {
    const objectId = await storeRecorded()
    const both = owner.client.share({ objectId, recipient: friendId, passphrase: 'x' })
    await expect(both).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    const unknown = owner.client.share({ objectId, recipient: 9_999 })
    await expect(unknown).to.be.rejected.and.eventually.include({ code: 'USAGE' })
    await owner.client.share({ objectId, recipient: friendId })
    const passedOn = friend.client.share({ objectId, passphrase: 'x' })
    await expect(passedOn).to.be.rejected.and.eventually.include({ code: 'OBJECT_NOT_FOUND' })
  })

  it('tells whom an object is shared with, in the list too, as far as it has seen their keys', async () => {
    const objectId = await storeRecorded()
    const nobody = { clientIds: [], passphrases: 0, unknownKeys: 0, applications: [] }
    expect(await owner.client.recipients({ objectId })).to.deep.equal(nobody)
    await owner.client.share({ objectId, recipient: friendId })
    await owner.client.share({ objectId, passphrase: 'open sesame' })
    const both = { clientIds: [friendId], passphrases: 1, unknownKeys: 0, applications: [] }
    expect(await owner.client.recipients({ objectId })).to.deep.equal(both)
    const elsewhere = await fleet.guest({ keyring: owner.keyring })
    const listedBy = async ({ client }: SdkClient) => {
      const entries = await client.list()
      return entries.find((entry) => formatObjectId(entry.objectId) === objectId)
    }
    expect((await listedBy(elsewhere))?.sharedWith).to.equal(2)
    const unseen = { clientIds: [], passphrases: 1, unknownKeys: 1, applications: [] }
    expect(await elsewhere.client.recipients({ objectId })).to.deep.equal(unseen)
    await owner.client.revoke({ objectId, recipientId: friendId })
    await owner.client.revoke({ objectId, passphrases: true })
    expect(await owner.client.recipients({ objectId })).to.deep.equal(nobody)
    expect((await listedBy(owner))?.sharedWith).to.equal(0)
    const asked = friend.client.recipients({ objectId })
    await expect(asked).to.be.rejected.and.eventually.include({ code: 'OBJECT_NOT_FOUND' })
  })

  it('delivers a new envelope later to a node that was away', async () => {
    const { objectId, strips } = await owner.client.store({ source: { bytes: BYTES }, name: 'x' })
    const away = strips[1]!.nodeName
    await fleet.fleet.stopNode(away)
    const shared = await owner.client.share({ objectId, recipient: friendId })
    expect(shared.waitingNodeIds).to.deep.equal([strips[1]!.nodeId])
    const { node } = await fleet.fleet.startNode(away)
    await owner.client.tend()
    const held = await node.storage!.envelopes.find(keyOfObject(objectId))
    expect(held?.version).to.equal(2)
  })

  it('loses neither of two changes that are made from two places at the same time', async () => {
    const objectId = await storeRecorded()
    const second = await fleet.guest({ keyring: owner.keyring })
    await second.client.list()
    const other = await fleet.client()
    const meeting = new EnvelopeMeeting([owner.transport.peerId, second.transport.peerId])
    fleet.network.onFrame = (frame) => meeting.pass(frame)
    await Promise.all([
      owner.client.share({ objectId, recipient: friendId }),
      second.client.share({ objectId, recipient: other.client.record!.clientId }),
    ])
    fleet.network.onFrame = () => Promise.resolve()
    await reads(friend, objectId)
    await reads(other, objectId)
  })

  it('keeps own objects readable when the client’s keys are replaced, and moves them to the new key', async () => {
    const ship = await fleet.client()
    const objectId = await storeRecorded(ship)
    const former = ship.keyring.keySets[0]!
    const record = await ship.client.rotate({ recoverySecretKey: ship.recoverySecretKey })
    expect(record.signer).to.not.equal(former.address)
    expect(ship.keyring.keySets).to.have.length(2)
    await reads(ship, objectId)
    await ship.client.rewrap({ objectId, recipients: [friendId] })
    await reads(ship, objectId)
    await reads(friend, objectId)
    await storeRecorded(ship)
  })

  for (const relayed of [false, true]) {
    it(`lets a fresh keyring take over a client whose keyring is gone, reading the ledger ${relayed ? 'through nodes' : 'directly'}`, async () => {
      const { client, recoverySecretKey } = await fleet.client()
      const { clientId } = client.record!
      const fresh = await fleet.guest({ relayed })
      const nameless = fresh.client.rotate({ recoverySecretKey })
      await expect(nameless).to.be.rejected.and.eventually.include({ code: 'NOT_ADMITTED' })
      const nobody = fresh.client.rotate({ recoverySecretKey, clientId: 9_999 })
      await expect(nobody).to.be.rejected.and.eventually.include({ code: 'USAGE' })
      const { recoverySecretKey: wrong } = fresh
      const stranger = fresh.client.rotate({ recoverySecretKey: wrong, clientId })
      await expect(stranger).to.be.rejected.and.eventually.include({ code: 'SIGNATURE_INVALID' })
      const record = await fresh.client.rotate({ recoverySecretKey, clientId })
      expect(record).to.include({ clientId, signer: fresh.keyring.keySets[0]!.address })
      expect(fresh.keyring.keySets).to.have.length(1)
      await reads(fresh, await storeRecorded(fresh))
    })
  }

  it('keeps what a lost computer has shared open to others after its client was taken over', async () => {
    const ship = await fleet.client()
    const { recoverySecretKey } = ship
    const { clientId } = ship.client.record!
    const { objectId } = await ship.client.store({
      source: { bytes: BYTES },
      name: 'x',
      recipients: [friendId],
      passphrase: 'open sesame',
      waitFor: 'recorded',
    })
    const alone = await storeRecorded(ship)
    await ship.client.close()
    const fresh = await fleet.guest()
    await fresh.client.rotate({ recoverySecretKey, clientId })
    await reads(friend, objectId)
    await reads(fresh, objectId, 'open sesame')
    await refused(fresh, objectId, 'WRONG_KEY')
    await refused(fresh, alone, 'WRONG_KEY')
    const { objects, recovered, failures } = await fresh.client.recover()
    expect({ objects, recovered }).to.deep.equal({ objects: 2, recovered: 0 })
    expect(failures.map(({ code }) => code)).to.deep.equal(['WRONG_KEY', 'WRONG_KEY'])
    const relayed = await fleet.guest({ keyring: fresh.keyring, relayed: true })
    await reads(relayed, objectId, 'open sesame')
  })

  it('does not take over a client with the keyring of another one', async () => {
    const { recoverySecretKey } = await fleet.client()
    const rotating = owner.client.rotate({ recoverySecretKey, clientId: friendId })
    await expect(rotating).to.be.rejected.and.eventually.include({ code: 'USAGE' })
  })

  it('refuses to replace keys with a wrong recovery key', async () => {
    const ship = await fleet.client()
    const rotating = ship.client.rotate({ recoverySecretKey: new Uint8Array(32).fill(1) })
    await expect(rotating).to.be.rejected.and.eventually.include({ code: 'SIGNATURE_INVALID' })
    await storeRecorded(ship)
  })

  it('seals anew as another object that keeps name, labels and content', async () => {
    const { objectId } = await owner.client.store({
      source: { bytes: BYTES },
      name: 'kept name',
      overrides: { labels: { a: 'b' } },
    })
    const anew = await owner.client.reseal({ objectId })
    expect(anew.objectId).to.not.equal(objectId)
    expect(anew.name).to.equal('kept name')
    await reads(owner, anew.objectId)
    const found = await owner.client.find({ name: 'kept name', labels: { a: 'b' } })
    expect(found).to.have.length(2)
  })

  it('keeps an object longer, and only ever longer', async () => {
    const objectId = await storeRecorded()
    const [entry] = await owner.client.list()
    const later = entry!.expiry + 1_000_000
    const told = await owner.client.extend({ objectId, expirySeconds: later })
    expect(told.nodeIds).to.have.length(2)
    await eventually(async () => (await objectEvents(objectId)).includes(`extended ${later}`))
    const again = owner.client.extend({ objectId, expirySeconds: later })
    await expect(again).to.be.rejected.and.eventually.include({ code: 'USAGE' })
  })

  it('removes an object for good, everywhere', async () => {
    const objectId = await storeRecorded()
    const told = await owner.client.remove({ objectId })
    expect(told.nodeIds).to.have.length(2)
    await refused(owner, objectId, 'OBJECT_REMOVED')
    const again = owner.client.remove({ objectId })
    await expect(again).to.be.rejected.and.eventually.include({ code: 'OBJECT_REMOVED' })
    await eventually(async () => (await objectEvents(objectId)).includes(`removed ${EVERY_STRIP}`))
    const names = (await owner.client.list()).map(({ objectId: id }) =>
      Buffer.from(id).toString('hex'),
    )
    expect(names).to.not.include(Buffer.from(parseObjectId(objectId)).toString('hex'))
    expect((await owner.client.recover()).failures).to.deep.equal([])
  })

  it('rates every node of an object through another one, and the ledger shows it', async () => {
    const rated: ClientEvent[] = []
    // A client of its own: how much one client can say about one node in a day is limited.
    const rater = await fleet.client()
    const stop = rater.client.listen((event) => {
      if (event.type === 'rated') rated.push(event)
    })
    const { strips } = await rater.client.store({
      source: { bytes: BYTES },
      name: 'rated',
      waitFor: 'recorded',
    })
    await rater.client.tend()
    for (const { nodeId, sequence } of strips) {
      await eventually(async () => {
        await rater.client.tend()
        return (await scores(nodeId)).get(sequence) === 5
      })
    }
    stop()
    expect(rated.length).to.be.at.least(2)
  })

  it('lets a person’s judgement replace the automatic rating, until the ledger has one', async () => {
    const stranger = await fleet.client()
    fleet.network.onFrame = ({ verb, from }) =>
      verb === 'relay' && from === stranger.transport.peerId
        ? Promise.reject(new OrlopError('NODE_UNREACHABLE', 'No relay just now.'))
        : Promise.resolve()
    const { objectId, strips } = await stranger.client.store({
      source: { bytes: BYTES },
      name: 'judged',
      waitFor: 'recorded',
    })
    const { nodeId, sequence } = strips[0]!
    await stranger.client.rate({ objectId, nodeId, score: 2, cause: 'slow' })
    fleet.network.onFrame = () => Promise.resolve()
    await eventually(async () => {
      await stranger.client.tend()
      return (await scores(nodeId)).get(sequence) === 2
    })
    const again = stranger.client.rate({ objectId, nodeId, score: 4 })
    await expect(again).to.be.rejected.and.eventually.include({ code: 'ALREADY_EXISTS' })
    await expect(stranger.client.rate({ objectId, nodeId, score: 6 })).to.be.rejectedWith(
      RangeError,
    )
  })

  it('does nothing for a client that is not admitted, and says what to do', async () => {
    const guest = await fleet.guest()
    const storing = guest.client.store({ source: { bytes: BYTES }, name: 'x' })
    await expect(storing).to.be.rejected.and.eventually.include({ code: 'NOT_ADMITTED' })
    // A01 is the steward here, and admits at once whom it registers itself.
    await fleet.fleet.stopNode('A01')
    await guest.client.register({ name: 'MV Pending', imoNumber: 9_321_483 })
    await fleet.fleet.startNode('A01')
    expect(guest.client.record?.state).to.equal('pending')
    const waiting = guest.client.store({ source: { bytes: BYTES }, name: 'x' })
    await expect(waiting)
      .to.be.rejectedWith('admit')
      .and.eventually.include({ code: 'NOT_ADMITTED' })
    await fleet.fleet.admin.admitClient(guest.client.record!.clientId, 0)
    await storeRecorded(guest)
    await fleet.fleet.admin.suspendClient(guest.client.record!.clientId, 'test')
  })

  function keyOfObject(text: string) {
    return { objectId: parseObjectId(text), clientId: owner.client.record!.clientId }
  }

  async function objectEvents(objectId: string): Promise<string[]> {
    const seen: string[] = []
    for await (const event of fleet.reader().objectEvents(keyOfObject(objectId))) {
      if (event.kind === 'extended') seen.push(`extended ${event.expiry}`)
      if (event.kind === 'removed') seen.push(`removed ${event.index}`)
    }
    return seen
  }

  async function scores(nodeId: number): Promise<Map<number, number>> {
    const found = new Map<number, number>()
    for await (const { sequence, score } of fleet.reader().creditEvents({ nodeId })) {
      found.set(sequence, score)
    }
    return found
  }
})

/** Lets two writers put their first envelopes only when both have read, and read again only when all puts were answered. */
class EnvelopeMeeting {
  readonly #waiting: Set<string>
  readonly #puts = Promise.withResolvers<undefined>()
  readonly #answers = Promise.withResolvers<undefined>()
  #answersDue: number

  /** @param peerIds - of the writers; the object has two copies. */
  constructor(peerIds: readonly string[]) {
    this.#waiting = new Set(peerIds)
    this.#answersDue = 2 * peerIds.length
  }

  async pass({ from, verb, frame }: FrameInTransit): Promise<void> {
    if (verb !== 'envelope') return
    const value = decodeCbor(frame, { maxBytes: MAX_FRAME_BYTES }) as object
    if ('put' in value && this.#answersDue > 0) {
      this.#waiting.delete(from)
      if (this.#waiting.size === 0) this.#puts.resolve(undefined)
      await this.#puts.promise
    } else if ('get' in value && this.#waiting.size === 0) {
      await this.#answers.promise
    } else if ('version' in value || 'error' in value) {
      this.#answersDue -= 1
      if (this.#answersDue <= 0) this.#answers.resolve(undefined)
    }
  }
}

/** Turns the event loop until something is so; the test's own limit ends it. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve))
}
