import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { FileKeyring } from '@orlop/client-sdk/keyring/file-keyring'
import { failureOf } from '@orlop/protocol/testkit/failure-of'
import { contentsOf, needle, search } from '../testkit/disk-search.ts'
import { readAll, sampleBytes, type SdkClient, SdkFleet } from '../testkit/sdk-fleet.ts'

const BYTES = sampleBytes(30_000)
const PASSPHRASE = 'the master keeps it in his head'
const CHEAP = { logN: 10, r: 8, p: 1 }

describe('adversary: a thief with the ship’s computer', () => {
  let fleet: SdkFleet
  let ship: SdkClient
  let file: string
  let objectId: string
  let recoverySecretKey: Uint8Array

  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02'])
    const home = await fleet.folder()
    file = join(home, 'keyring.json')
    const created = await FileKeyring.create({ file, passphrase: PASSPHRASE, cost: CHEAP })
    recoverySecretKey = created.recoverySecretKey
    ship = await fleet.client({ home, keyring: created.keyring })
    objectId = (
      await ship.client.store({ source: { bytes: BYTES }, name: 'log', waitFor: 'recorded' })
    ).objectId
  })
  after(() => fleet.close())

  it('who has the disk only finds no key on it, and opens the keyring with no guess', async () => {
    const secrets = ship.keyring.keySets.flatMap(({ ledgerSecretKey, openingSecretKey }) => [
      needle('the ledger key', ledgerSecretKey),
      needle('the opening key', openingSecretKey),
    ])
    secrets.push(
      needle('the recovery key', recoverySecretKey),
      needle('the passphrase', PASSPHRASE),
    )
    const hits: string[] = []
    for await (const found of contentsOf(ship.home)) hits.push(...search(found, secrets))
    expect(hits).to.deep.equal([])
    for (const passphrase of ['', 'password', PASSPHRASE.toUpperCase()]) {
      const failure = await failureOf(FileKeyring.open({ file, passphrase }))
      expect(failure.code).to.equal('KEYRING_LOCKED')
    }
  })

  it('cannot weaken the keyring for the owner’s next use', async () => {
    const copy = join(await fleet.folder(), 'keyring.json')
    await cp(file, copy)
    const text = await readFile(copy, 'utf8')
    const cheaper = text.replace(/"logN": ?10/, '"logN": 1')
    expect(cheaper).not.to.equal(text)
    await writeFile(copy, cheaper)
    const failure = await failureOf(FileKeyring.open({ file: copy, passphrase: PASSPHRASE }))
    expect(failure.code).to.be.oneOf(['KEYRING_DAMAGED', 'KEYRING_LOCKED'])
  })

  describe('who has the keys too', () => {
    let thief: SdkClient
    let owner: SdkClient

    before(async () => {
      const keyring = await FileKeyring.open({ file, passphrase: PASSPHRASE })
      thief = await fleet.guest({ keyring })
      // Until the owner rotates, the thief is the ship; that is what rotation is for.
      expect((await read(thief)).length).to.equal(BYTES.length)
      await ship.client.rotate({ recoverySecretKey })
      owner = ship
    })

    async function read({ client }: SdkClient): Promise<Uint8Array> {
      const { stream } = await client.retrieve({ objectId })
      return readAll(stream)
    }

    it('signs nothing any more once the owner has rotated', async () => {
      const restarted = await fleet.restart(thief)
      thief = restarted
      const acts = [
        () => thief.client.store({ source: { bytes: BYTES }, name: 'x' }),
        () => thief.client.remove({ objectId }),
        () => thief.client.extend({ objectId, expirySeconds: 2_000_000_000 }),
        () => thief.client.rewrap({ objectId }),
      ]
      for (const act of acts) {
        const { code } = await failureOf(act())
        expect(code).to.be.oneOf([
          ...['NOT_ADMITTED', 'NOT_AUTHORIZED', 'NO_NODE_AVAILABLE', 'NODE_UNREACHABLE'],
        ])
      }
    })

    it('cannot rotate back without the recovery key', async () => {
      const guess = new Uint8Array(32).fill(7)
      const failure = await failureOf(thief.client.rotate({ recoverySecretKey: guess }))
      expect(failure.code).to.be.oneOf(['NOT_AUTHORIZED', 'NOT_ADMITTED', 'WRONG_KEY'])
    })

    it('has changed nothing: the owner reads, stores and keeps', async () => {
      expect(Buffer.compare(await read(owner), BYTES)).to.equal(0)
      const result = await owner.client.store({ source: { bytes: BYTES }, name: 'after' })
      expect(result.state).to.equal('stored')
      expect((await owner.client.verify({ objectId })).isSound).to.equal(true)
    })
  })
})
