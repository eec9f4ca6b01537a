import { expect } from 'chai'
import { objectIdOf } from '@orlop/client-sdk/retrieve/open-object'
import type { FrameInTransit } from '@orlop/transport/memory-network'
import { contentsOf, needle, search } from '../testkit/disk-search.ts'
import { readAll, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const CONTENT = 'heading 271, speed over ground 14.2 knots, '
const NAME = 'Кодовое имя Полярная звезда.txt'
const LABEL = 'charterer-not-to-be-named'
const PASSPHRASE = 'a passphrase for the auditor'

describe('adversary: a curious node', () => {
  let fleet: SdkFleet
  let owner: SdkClient
  let friend: SdkClient
  const frames: FrameInTransit[] = []
  const homes: string[] = []
  const objects: string[] = []

  before(async () => {
    fleet = new SdkFleet()
    for (const name of ['A01', 'A02']) homes.push((await fleet.fleet.startNode(name)).home)
    owner = await fleet.client()
    friend = await fleet.client()
    fleet.network.onFrame = (frame) => {
      frames.push(frame)
      return Promise.resolve()
    }
    await liveThrough()
  })
  after(() => fleet.close())

  /** All that a client does with nodes, so that nodes see all they ever see. */
  async function liveThrough(): Promise<void> {
    const bytes = Buffer.from(CONTENT.repeat(200))
    const recipientId = friend.client.record!.clientId
    for (const level of [1, 2] as const) {
      const { objectId } = await owner.client.store({
        source: { bytes },
        name: NAME,
        overrides: { level, codec: level === 1 ? 'stored' : 'zstd', labels: { charter: LABEL } },
        passphrase: PASSPHRASE,
        waitFor: 'recorded',
      })
      objects.push(objectId)
      await owner.client.share({ objectId, recipient: recipientId })
      const { stream } = await friend.client.retrieve({ objectId })
      expect(Buffer.compare(await readAll(stream), bytes)).to.equal(0)
      await owner.client.verify({ objectId })
      await owner.client.revoke({ objectId, recipientId })
      await owner.client.find({ name: 'Полярная', labels: { charter: LABEL } })
    }
    await owner.client.remove({ objectId: objects[0]! })
  }

  const secrets = () => [
    needle('content', CONTENT),
    needle('the name', NAME),
    needle('a word searched for', 'Полярная'),
    needle('a label', LABEL),
    needle('a passphrase', PASSPHRASE),
    ...[owner, friend].flatMap(({ keyring }) =>
      keyring.keySets.flatMap(({ ledgerSecretKey, openingSecretKey }) => [
        needle('a ledger key', ledgerSecretKey),
        needle('an opening key', openingSecretKey),
      ]),
    ),
  ]

  it('is told neither content nor names, labels, searches or keys in any message', () => {
    const hits = frames.flatMap(({ verb, frame }) =>
      search({ where: verb, bytes: Buffer.from(frame) }, secrets()),
    )
    expect(hits).to.deep.equal([])
    // Every verb that a client uses was there to be looked at, and what is public is found.
    const verbs = new Set(frames.map(({ verb }) => verb))
    expect([...verbs]).to.include.members('offer store commit fetch envelope remove'.split(' '))
    const objectId = needle('an object', objectIdOf(objects[1]!))
    const known = frames.flatMap(({ verb, frame }) =>
      search({ where: verb, bytes: Buffer.from(frame) }, [objectId]),
    )
    expect(known).not.to.have.length(0)
  })

  it('finds neither of them on its disk', async () => {
    const hits: string[] = []
    for (const home of homes) {
      for await (const found of contentsOf(home)) hits.push(...search(found, secrets()))
    }
    expect(hits).to.deep.equal([])
  })

  it('sees the same object differently each time it is stored', async () => {
    const bytes = Buffer.from(CONTENT)
    const roots = new Set<string>()
    for (let time = 0; time < 3; time++) {
      const { strips } = await owner.client.store({ source: { bytes }, name: NAME })
      for (const { root } of strips) roots.add(root)
    }
    expect(roots.size).to.equal(3)
  })
})
