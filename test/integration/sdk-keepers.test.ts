import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  MemoryApplicationKeys,
  type OpenRequest,
  type OrlopClient,
  openWithCard,
  openWithParts,
  openWithShares,
  openWithSm2Key,
} from '@orlop/client-sdk/index'
import { contributionMessage } from '@orlop/client-sdk/custody/joint/contribution'
import { jointKeyMessage } from '@orlop/client-sdk/custody/joint/joint-key'
import { formatMessage, parseMessage } from '@orlop/client-sdk/custody/message-text'
import { encodeHex } from '@orlop/crypto/bytes'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import { sm2PublicKey } from '@orlop/crypto/cards/sm2/public-key'
import type { ErrorCode } from '@orlop/protocol/error-codes'
import { isOrlopError, OrlopError } from '@orlop/protocol/errors'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const BYTES = sampleBytes(70_000)
const APP = { appId: 'stowage', keyId: 'plans' }

describe('sdk: objects whose keys others keep', () => {
  let fleet: SdkFleet

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02', 'A03'])
  })
  after(() => fleet.close())

  const source = { bytes: BYTES }

  async function expectReads(client: OrlopClient, request: OpenRequest): Promise<void> {
    const { stream } = await client.retrieve(request)
    expect(Buffer.compare(await readAll(stream), BYTES)).to.equal(0)
  }

  describe('an application', () => {
    let keys: MemoryApplicationKeys
    let ship: SdkClient
    let shore: SdkClient

    before(async () => {
      keys = new MemoryApplicationKeys()
      keys.rotate('stowage', 'plans')
      ship = await fleet.client({ applicationKeys: keys })
      shore = await fleet.client({ applicationKeys: keys })
    })

    it('opens what was sealed for it, beside the owner', async () => {
      const stored = await ship.client.store({ source, name: 'a', application: APP })
      const { objectId } = stored
      const ownerId = ship.client.record!.clientId
      await expectReads(shore.client, { objectId, ownerId })
      const stranger = await fleet.client()
      const open = stranger.client.retrieve({ objectId, ownerId })
      expect(await codeOf(open)).to.equal('APP_KEYS_UNREACHABLE')
      const elsewhere = await fleet.client({ applicationKeys: new MemoryApplicationKeys() })
      const openElsewhere = elsewhere.client.retrieve({ objectId, ownerId })
      expect(await codeOf(openElsewhere)).to.equal('APP_KEYS_UNREACHABLE')
      const alone = await fleet.restart(ship)
      await expectReads(alone.client, { objectId })
      ship = await fleet.restart(alone, { applicationKeys: keys })
      expect(await ship.client.recipients({ objectId })).to.deep.equal({
        ...{ clientIds: [], passphrases: 0, unknownKeys: 0 },
        applications: [{ ...APP, version: 1 }],
      })
    })

    it('moves to the newest version of its key, all objects at once, and again from where it was broken off', async () => {
      const key = { appId: 'stowage', keyId: 'bulk' }
      keys.rotate(key.appId, key.keyId)
      const stored: string[] = []
      for (const name of ['a', 'b', 'c']) {
        const { objectId } = await ship.client.store({ source, name, application: key })
        stored.push(objectId)
      }
      const other = await ship.client.store({ source, name: 'other', application: APP })
      keys.rotate(key.appId, key.keyId)
      const stop = new AbortController()
      const done: number[] = []
      const broken = ship.client.rewrapApplication(key, {
        signal: stop.signal,
        onProgress: (event) => {
          if (event.type !== 'rewrapped') return
          done.push(event.done)
          stop.abort()
        },
      })
      expect(await codeOf(broken)).to.equal('ABORTED')
      expect(done).to.deep.equal([1])
      const result = await ship.client.rewrapApplication(key)
      const counts = { rewrapped: 2, upToDate: 1, atOtherCentres: 0 }
      expect(result).to.deep.equal({ ...counts, version: 2, failed: [] })
      for (const objectId of stored) {
        const { applications } = await ship.client.recipients({ objectId })
        expect(applications).to.deep.equal([{ ...key, version: 2 }])
        await expectReads(shore.client, { objectId, ownerId: ship.client.record!.clientId })
      }
      const { applications } = await ship.client.recipients({ objectId: other.objectId })
      expect(applications).to.deep.equal([{ ...APP, version: 1 }])
    })

    it('is another at another centre, though the names are the same', async () => {
      const key = { appId: 'stowage', keyId: 'moved' }
      const former = new MemoryApplicationKeys()
      for (let version = 1; version <= 3; version++) former.rotate(key.appId, key.keyId)
      const client = await fleet.client({ applicationKeys: former })
      const { objectId } = await client.client.store({ source, name: 'a', application: key })
      keys.rotate(key.appId, key.keyId)
      const moved = await fleet.restart(client, { applicationKeys: keys })
      const result = await moved.client.rewrapApplication(key)
      const counts = { rewrapped: 0, upToDate: 0, atOtherCentres: 1 }
      expect(result).to.deep.equal({ ...counts, version: 1, failed: [] })
      const again = await fleet.restart(moved, { applicationKeys: former })
      expect((await again.client.rewrapApplication(key)).upToDate).to.equal(1)
      await expectReads(again.client, { objectId })
    })

    it('alone opens what was sealed for it alone; when its key is destroyed nobody does, and others are untouched', async () => {
      const key = { appId: 'stowage', keyId: 'shred' }
      keys.rotate(key.appId, key.keyId)
      const application = { ...key, exclusive: true }
      const { objectId } = await ship.client.store({ source, name: 'secret', application })
      const kept = await ship.client.store({ source, name: 'kept', application: APP })
      await expectReads(ship.client, { objectId })
      const keyless = await fleet.restart(ship)
      expect(await codeOf(keyless.client.retrieve({ objectId }))).to.equal('APP_KEYS_UNREACHABLE')
      ship = await fleet.restart(keyless, { applicationKeys: keys })
      await ship.client.rewrap({ objectId })
      keys.destroy(key.appId, key.keyId)
      expect(await codeOf(ship.client.retrieve({ objectId }))).to.equal('APP_KEY_REFUSED')
      const ownerId = ship.client.record!.clientId
      const byShore = shore.client.retrieve({ objectId, ownerId })
      expect(await codeOf(byShore)).to.equal('APP_KEY_REFUSED')
      await expectReads(ship.client, { objectId: kept.objectId })
    })

    it('is asked for its key before anything is offered, and keeps others out where it is alone', async () => {
      const events: string[] = []
      const unknown = ship.client.store(
        { source, name: 'a', application: { appId: 'unknown' } },
        { onProgress: ({ type }) => events.push(type) },
      )
      expect(await codeOf(unknown)).to.equal('APP_KEY_REFUSED')
      expect(events).to.deep.equal([])
      const application = { ...APP, exclusive: true }
      const around = ship.client.store({ source, name: 'a', application, passphrase: 'x' })
      expect(await codeOf(around)).to.equal('USAGE')
      const { objectId } = await ship.client.store({ source, name: 'a', application: APP })
      expect(await codeOf(ship.client.reseal({ objectId }))).to.equal('USAGE')
    })

    it('has an upload of a file waiting for its centre, and goes on with it', async () => {
      const centre = new MemoryApplicationKeys()
      centre.rotate('stowage', 'plans')
      const sealKey = centre.sealKey.bind(centre)
      let calls = 0
      centre.sealKey = (request) => {
        calls += 1
        if (calls !== 2) return sealKey(request)
        return Promise.reject(new OrlopError('APP_KEYS_UNREACHABLE', 'The centre is sealed.'))
      }
      const made = await fleet.client({ applicationKeys: centre })
      const path = join(await fleet.folder(), 'plan.txt')
      await writeFile(path, BYTES)
      const first = made.client.store({ source: { path }, application: APP })
      expect(await codeOf(first)).to.equal('APP_KEYS_UNREACHABLE')
      expect(await made.client.uploads()).to.have.length(1)
      const { stored, failed } = await made.client.resume()
      expect(failed).to.deep.equal([])
      await expectReads(made.client, { objectId: stored[0]!.objectId })
    })
  })

  describe('custodians', () => {
    let owner: SdkClient
    let custodians: SdkClient[]
    let requester: SdkClient
    let ownerId: number
    let objectId: string

    const numberOf = ({ client }: SdkClient) => client.record!.clientId
    const custody = (threshold = 2) => ({ threshold, custodians: custodians.map(numberOf) })

    before(async () => {
      owner = await fleet.client()
      custodians = [await fleet.client(), await fleet.client(), await fleet.client()]
      requester = await fleet.client()
      ownerId = numberOf(owner)
      objectId = await storeInCustody('will')
    })

    async function storeInCustody(name: string): Promise<string> {
      const overrides = { custody: custody() }
      const stored = await owner.client.store({ source, name, overrides })
      expect(stored.level).to.equal(3)
      return stored.objectId
    }

    async function shareOf(at: number, options: { to?: SdkClient; object?: string } = {}) {
      const { to = requester, object = objectId } = options
      const request = { objectId: object, ownerId, recipient: numberOf(to) }
      return custodians[at]!.client.giveShare(request)
    }

    const openWith = (texts: string[], client = requester.client) =>
      expectReads(client, { objectId, ownerId, openBy: openWithShares(texts) })

    it('open an object together, each giving a share to one requester; any two of three will do', async () => {
      const shares = await Promise.all([0, 1, 2].map((at) => shareOf(at)))
      expect(shares.map(({ custodian }) => custodian)).to.deep.equal([1, 2, 3])
      const [one, two, three] = shares.map(({ text }) => text) as [string, string, string]
      for (const texts of [
        [one, two],
        [three, one],
        [two, three, one],
      ])
        await openWith(texts)
    })

    it('are needed: the owner alone, one custodian, and one share open nothing', async () => {
      const { text } = await shareOf(0)
      const alone = [
        owner.client.retrieve({ objectId }),
        custodians[0]!.client.retrieve({ objectId, ownerId }),
        openWith([text]),
        openWith([text, text]),
      ]
      for (const code of await Promise.all(alone.map(codeOf))) {
        expect(code).to.equal('SHARES_MISSING')
      }
      const share = owner.client.share({ objectId, recipient: numberOf(requester) })
      expect(await codeOf(share)).to.equal('SHARES_MISSING')
      expect(await codeOf(owner.client.rewrap({ objectId }))).to.equal('SHARES_MISSING')
    })

    it('count with their own share when they are the requester', async () => {
      const { text } = await shareOf(1, { to: custodians[0]! })
      await openWith([text], custodians[0]!.client)
    })

    it('are named when a share is of another object, for somebody else, changed, or no share', async () => {
      const { text: good } = await shareOf(0)
      const other = await storeInCustody('other')
      const { text: elsewhere } = await shareOf(1, { object: other })
      const { text: forAnother } = await shareOf(1, { to: custodians[0]! })
      const { text: own } = await shareOf(1)
      // The wrapped share ends the text.
      const changed = own.slice(0, -2) + (own.endsWith('A') ? 'E' : 'A') + own.slice(-1)
      const cases: [string, RegExp, number | undefined][] = [
        [elsewhere, /custodian 2 is of another object/, 2],
        [forAnother, /custodian 2 was given to somebody else/, 2],
        [changed, /custodian 2 is damaged or was changed|no share/, undefined],
        ['orlop-given-share:AAAA', /no share that a custodian gave/, undefined],
      ]
      for (const [text, message, custodian] of cases) {
        const error = await failureOf(() => openWith([good, text]))
        expect(error.code).to.equal('SHARE_INVALID')
        expect(error.message).to.match(message)
        if (custodian !== undefined) expect(error.details).to.include({ custodian })
      }
    })

    it('give shares that are good for a while', async () => {
      const { text: good } = await shareOf(0)
      const request = { objectId, ownerId, recipient: numberOf(requester), validSeconds: 60 }
      const { text, expiry } = await custodians[1]!.client.giveShare(request)
      let nowMs = 1000 * (expiry - 1)
      const clock = { nowMs: () => nowMs, monotonicMs: () => performance.now() }
      requester = await fleet.restart(requester, { clock })
      await openWith([good, text])
      nowMs = 1000 * (expiry + 1)
      const error = await failureOf(() => openWith([good, text]))
      expect(error.code).to.equal('SHARE_INVALID')
      expect(error.message).to.match(/custodian 2 expired at /)
      const forEver = { ...request, validSeconds: 1e9 }
      expect(await codeOf(custodians[1]!.client.giveShare(forEver))).to.equal('USAGE')
      requester = await fleet.restart(requester)
    })

    it('are the only ones who can give', async () => {
      const request = { objectId, ownerId, recipient: numberOf(custodians[0]!) }
      expect(await codeOf(requester.client.giveShare(request))).to.equal('NOT_AUTHORIZED')
      expect(await codeOf(owner.client.giveShare(request))).to.equal('NOT_AUTHORIZED')
    })

    it('do not go with recipients or passphrases', async () => {
      const overrides = { custody: custody() }
      const recipients = [numberOf(requester)]
      const around = owner.client.store({ source, name: 'a', overrides, recipients })
      expect(await codeOf(around)).to.equal('USAGE')
      const unknown = { custody: { threshold: 2, custodians: [ownerId, 9_999] } }
      const store = owner.client.store({ source, name: 'a', overrides: unknown })
      expect(await codeOf(store)).to.equal('USAGE')
    })
  })

  describe('the parties of a joint key', () => {
    const ceremonyId = sampleBytes(16, 11)
    let members: SdkClient[]
    let owner: SdkClient
    let ownerId: number
    let holds: string[]
    let publicKey: Uint8Array
    let objectId: string

    const numberOf = ({ client }: SdkClient) => client.record!.clientId
    const contributionsOf = (plan: { ceremonyId: Uint8Array; threshold: number }) => {
      const request = { ...plan, members: members.map(numberOf) }
      return Promise.all(members.map(({ client }) => client.contributeToJointKey(request)))
    }

    before(async () => {
      members = [await fleet.client(), await fleet.client(), await fleet.client()]
      owner = await fleet.client()
      ownerId = numberOf(owner)
      const contributions = await contributionsOf({ ceremonyId, threshold: 2 })
      const assembled = await Promise.all(
        members.map(({ client }) => client.assembleJointKey({ contributions })),
      )
      expect(new Set(assembled.map((one) => encodeHex(one.publicKey))).size).to.equal(1)
      holds = assembled.map(({ text }) => text)
      publicKey = assembled[0]!.publicKey
      objectId = await storeBound('sealed orders')
    })

    async function storeBound(name: string): Promise<string> {
      const overrides = { custody: { sm2Key: encodeHex(publicKey) } }
      return (await owner.client.store({ source, name, overrides })).objectId
    }

    async function partOf(at: number, options: { to?: SdkClient; object?: string } = {}) {
      const { to = owner, object = objectId } = options
      const { text } = await members[at]!.client.givePart({
        ...{ objectId: object, ownerId, recipient: numberOf(to), jointKey: holds[at]! },
      })
      return text
    }

    const openWith = (parts: string[], hold = holds[0]!) =>
      expectReads(owner.client, { objectId, openBy: openWithParts(hold, parts) })

    it('open an object together, and nobody ever has the private key', async () => {
      const parts = await Promise.all([0, 1, 2].map((at) => partOf(at)))
      await openWith([parts[0]!, parts[1]!])
      await openWith([parts[2]!, parts[0]!], holds[2])
      await openWith(parts, holds[1])
    })

    it('are needed: too few parts open nothing, and parts are for one object and one requester', async () => {
      const good = await partOf(0)
      expect(await codeOf(openWith([good]))).to.equal('SHARES_MISSING')
      expect(await codeOf(openWith([good, good]))).to.equal('SHARES_MISSING')
      const other = await storeBound('other orders')
      const elsewhere = await failureOf(async () =>
        openWith([good, await partOf(1, { object: other })]),
      )
      expect(elsewhere.message).to.match(/custodian 2 is of another object/)
      const forAnother = await failureOf(async () =>
        openWith([good, await partOf(1, { to: members[0]! })]),
      )
      expect(forAnother.message).to.match(/custodian 2 was given to somebody else/)
      for (const { code } of [elsewhere, forAnother]) expect(code).to.equal('SHARE_INVALID')
    })

    it('are named when a part was made with another share', async () => {
      const other = sampleBytes(16, 12)
      const contributions = await contributionsOf({ ceremonyId: other, threshold: 2 })
      const { text } = await members[1]!.client.assembleJointKey({ contributions })
      const bound = members[1]!.client.givePart({
        ...{ objectId, ownerId, recipient: ownerId, jointKey: text },
      })
      expect(await codeOf(bound)).to.equal('NOT_AUTHORIZED')
      // The part of party 2, shown against a key whose second share point is another's.
      const parts = [await partOf(0), await partOf(1)]
      const key = parseMessage(jointKeyMessage, holds[0]!)
      const [one, , three] = key.sharePoints
      const altered = { ...key, sharePoints: [one!, three!, three!] }
      const error = await failureOf(() => openWith(parts, formatMessage(jointKeyMessage, altered)))
      expect(error.code).to.equal('SHARE_INVALID')
      expect(error.details).to.include({ custodian: 2 })
    })

    it('use their own hold on the key and no other', async () => {
      const request = { objectId, ownerId, recipient: ownerId, jointKey: holds[1]! }
      expect(await codeOf(members[0]!.client.givePart(request))).to.equal('SHARE_INVALID')
    })

    it('make no key with a contribution that is missing, of another key, or not signed by its member', async () => {
      const plan = { ceremonyId: sampleBytes(16, 13), threshold: 2 }
      const contributions = await contributionsOf(plan)
      const [one, two, three] = contributions as [string, string, string]
      const assemble = (texts: string[]) =>
        codeOf(members[0]!.client.assembleJointKey({ contributions: texts }))
      expect(await assemble([one, two])).to.equal('SHARES_MISSING')
      expect(await assemble([one, two, three, three])).to.equal('USAGE')
      const others = await contributionsOf({ ...plan, threshold: 3 })
      expect(await assemble([one, two, others[2]!])).to.equal('USAGE')
      const message = parseMessage(contributionMessage, two)
      const { signature } = parseMessage(contributionMessage, three)
      const forged = formatMessage(contributionMessage, { ...message, signature })
      const error = await failureOf(() =>
        members[0]!.client.assembleJointKey({ contributions: [one, forged, three] }),
      )
      expect(error.code).to.equal('SHARE_INVALID')
      expect(error.message).to.match(/custodian 2 is not signed by client/)
      const stranger = owner.client.contributeToJointKey({
        ...plan,
        members: members.map(numberOf),
      })
      expect(await codeOf(stranger)).to.equal('USAGE')
    })
  })

  describe('an SM2 key', () => {
    const privateKey = sampleBytes(32, 7)
    const sm2Key = sm2PublicKey(privateKey)

    it('opens what was shared with it, until that is revoked', async () => {
      const ship = await fleet.client()
      const reader = await fleet.client()
      const { objectId } = await ship.client.store({ source, name: 'a' })
      await ship.client.share({ objectId, sm2Key })
      const ownerId = ship.client.record!.clientId
      const request = { objectId, ownerId, openBy: openWithSm2Key(privateKey) }
      await expectReads(reader.client, request)
      const openBy = openWithSm2Key(sampleBytes(32, 8))
      expect(await codeOf(reader.client.retrieve({ objectId, ownerId, openBy }))).to.equal(
        'WRONG_KEY',
      )
      await ship.client.revoke({ objectId, sm2Key, anchor: false })
      expect(await codeOf(reader.client.retrieve(request))).to.equal('WRONG_KEY')
      await expectReads(ship.client, { objectId })
    })

    it('of a card is all that opens an object bound to it', async () => {
      const key = {
        use: 'decrypt',
        name: 'unseal',
        type: 'sm2',
        bytes: sampleBytes(32, 9),
      } as const
      const card = await openSoftwareCard({ name: 'vault', keys: [key] })
      try {
        const pair = await card.storedKey({ use: 'decrypt', name: 'unseal' })
        if (pair?.publicKey?.type !== 'sm2') throw new TypeError('expected an SM2 key')
        const ship = await fleet.client()
        const overrides = { custody: { sm2Key: encodeHex(pair.publicKey.point) } }
        const { objectId, level } = await ship.client.store({ source, name: 'a', overrides })
        expect(level).to.equal(3)
        expect(await codeOf(ship.client.retrieve({ objectId }))).to.equal('SHARES_MISSING')
        const wrong = { objectId, openBy: openWithSm2Key(privateKey) }
        expect(await codeOf(ship.client.retrieve(wrong))).to.equal('SHARES_MISSING')
        await expectReads(ship.client, { objectId, openBy: openWithCard(card, 'unseal') })
        const other = { objectId, openBy: openWithCard(card, 'none') }
        expect(await codeOf(ship.client.retrieve(other))).to.equal('CONFIG_INVALID')
      } finally {
        await card.close()
      }
    })
  })
})

async function failureOf(work: () => Promise<unknown>): Promise<OrlopError> {
  try {
    await work()
  } catch (error) {
    if (isOrlopError(error)) return error
    throw error
  }
  throw new Error('expected a failure')
}

async function codeOf(work: Promise<unknown>): Promise<ErrorCode | null> {
  try {
    await work
    return null
  } catch (error) {
    if (isOrlopError(error)) return error.code
    throw error
  }
}
