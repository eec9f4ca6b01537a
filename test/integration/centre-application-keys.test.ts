import { expect } from 'chai'
import { applicationKeysConformance } from '@orlop/client-sdk/application-keys/application-keys.conformance'
import { CardReleaseOpener } from '@orlop/client-sdk/application-keys/card-release-opener'
import { CentreApplicationKeys } from '@orlop/client-sdk/application-keys/centre-application-keys'
import { cardSm2Key } from '@orlop/client-sdk/custody/open-with-card'
import { deriveKeySet, type KeySet } from '@orlop/client-sdk/keyring/key-set'
import { decodeHex, randomBytes } from '@orlop/crypto/bytes'
import { openSdfCard } from '@orlop/crypto/cards/sdf/open-sdf-card'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
} from '@orlop/crypto/testing/sdf-fixture'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import type { CentreClient } from '@orlop/kmc/client/centre-client'
import { ServedCentre } from '@orlop/kmc/testkit/served-centre'
import { isOrlopError } from '@orlop/protocol/errors'

const APP = 'stowage'

/** A centre with an application whose policy names one client. */
class Fleet {
  readonly served: ServedCentre
  readonly administrator: CentreClient
  readonly keySet: KeySet

  private constructor(served: ServedCentre, administrator: CentreClient) {
    this.served = served
    this.administrator = administrator
    this.keySet = deriveKeySet(randomBytes(32))
  }

  /** @param cardKey - public key of a card that keys are wrapped to, instead of the client's opening key. */
  static async start(cardKey?: Uint8Array): Promise<Fleet> {
    const served = await ServedCentre.start()
    const fleet = new Fleet(served, await served.administrator())
    const { address, openingPublicKey } = fleet.keySet
    const openingKey = cardKey ?? openingPublicKey
    const requesters = [{ requesterId: 'bridge', signer: decodeHex(address), openingKey }]
    const limits = { maxKeys: 10, maxReleasesPerHour: 1000 }
    const policy = { requesters, algorithms: ['aes-256-gcm' as const], ...limits }
    await fleet.administrator.ask(CENTRE_ROUTES.createApplication, { body: { appId: APP, policy } })
    return fleet
  }

  async keys(
    options: { keySet?: KeySet; appId?: string; opener?: CardReleaseOpener } = {},
  ): Promise<CentreApplicationKeys> {
    const { keySet = this.keySet, appId = APP, opener } = options
    const { url } = this.served.running.facts
    const identity = await this.served.identity('application', appId)
    const requester = { requesterId: 'bridge', keySet, ...(opener === undefined ? {} : { opener }) }
    return new CentreApplicationKeys({ url, identity, ...requester })
  }

  /** Makes the next version of a key, the first where there is none. */
  async rotate(appId: string, keyId: string): Promise<void> {
    const params = { appId, keyId }
    const { items } = await this.administrator.ask(CENTRE_ROUTES.keys, { params: { appId } })
    if (items.some((key) => key.keyId === keyId)) {
      await this.administrator.ask(CENTRE_ROUTES.rotateKey, { params })
      return
    }
    const body = { keyId, algorithm: 'aes-256-gcm' } as const
    await this.administrator.ask(CENTRE_ROUTES.generateKey, { params: { appId }, body })
    await this.administrator.ask(CENTRE_ROUTES.activateKey, { params })
  }

  async revoke(appId: string, keyId: string): Promise<void> {
    await this.administrator.ask(CENTRE_ROUTES.revokeKey, { params: { appId, keyId } })
  }
}

async function refusalOf(work: Promise<unknown>): Promise<[string, unknown]> {
  const error: unknown = await work.then(
    () => expect.fail('it was not refused'),
    (reason: unknown) => reason,
  )
  if (!isOrlopError(error)) throw error
  return [error.code, error.details['reason']]
}

const fleets: Fleet[] = []
// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const canBuild = canBuildSdfFixture()
/** SDR_COMMFAIL of GM/T 0018: the device does not answer any more. */
const COMMUNICATION_FAILED = 0x0100_0003

async function openDevice() {
  const library = await buildSdfFixture()
  return openSdfCard({ library, keyPair: 1, pins: { 1: SDF_FIXTURE_PIN } })
}

/** A centre whose policy names the device's key 1. */
async function startFleetOfDevice(): Promise<Fleet> {
  const card = await openDevice()
  const { point } = await cardSm2Key(card, '1')
  await card.close()
  const fleet = await Fleet.start(point)
  fleets.push(fleet)
  return fleet
}

applicationKeysConformance('of a key management centre over TLS', async () => {
  const fleet = await Fleet.start()
  fleets.push(fleet)
  return {
    keys: await fleet.keys(),
    rotate: (appId, keyId) => fleet.rotate(appId, keyId),
    revoke: (appId, keyId) => fleet.revoke(appId, keyId),
  }
})

if (canBuild || decides) {
  applicationKeysConformance('of a key management centre, wrapped to a card’s key', async () => {
    const fleet = await startFleetOfDevice()
    return {
      keys: await fleet.keys({ opener: new CardReleaseOpener(openDevice, '1') }),
      rotate: (appId, keyId) => fleet.rotate(appId, keyId),
      revoke: (appId, keyId) => fleet.revoke(appId, keyId),
    }
  })
}

describe('application keys of a centre', () => {
  const KEY = { appId: APP, keyId: 'plans' }
  let fleet: Fleet

  before(async () => {
    fleet = await Fleet.start()
    fleets.push(fleet)
    await fleet.rotate(APP, 'plans')
  })
  after(async () => {
    for (const { served } of fleets) await served.stop()
  })

  it('are for the client that the policy names, by its certificate and by its keys', async () => {
    const stranger = await fleet.keys({ keySet: deriveKeySet(randomBytes(32)) })
    expect(await refusalOf(stranger.sealKey(KEY))).to.deep.equal([
      'APP_KEY_REFUSED',
      'REQUEST_INVALID',
    ])
    const other = await fleet.keys({ appId: 'voyage' })
    expect(await refusalOf(other.sealKey(KEY))).to.deep.equal(['APP_KEY_REFUSED', 'NOT_ALLOWED'])
    await Promise.all([stranger.close(), other.close()])
  })

  it('are not obtained from a sealed centre, or from none; that may change', async () => {
    const keys = await fleet.keys()
    const share = await fleet.served.share(1)
    await fleet.administrator.ask(CENTRE_ROUTES.seal, {})
    expect((await refusalOf(keys.sealKey(KEY)))[0]).to.equal('APP_KEYS_UNREACHABLE')
    for (const one of [share, await fleet.served.share(2)]) {
      await fleet.administrator.ask(CENTRE_ROUTES.unseal, { body: { share: one } })
    }
    expect((await keys.sealKey(KEY)).version).to.equal(1)
    await keys.close()
    const identity = await fleet.served.identity('application', APP)
    const nowhere = new CentreApplicationKeys({
      url: 'https://127.0.0.1:9/',
      identity,
      requesterId: 'bridge',
      keySet: fleet.keySet,
    })
    expect((await refusalOf(nowhere.sealKey(KEY)))[0]).to.equal('APP_KEYS_UNREACHABLE')
    await nowhere.close()
  })

  const ofDevice = canBuild || decides ? it : it.skip
  const needs = canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`
  ofDevice(
    `wrapped to a card’s key are the card’s alone, also when it went away and came back${needs}`,
    async () => {
      const onCard = await startFleetOfDevice()
      await onCard.rotate(APP, 'plans')
      const without = await onCard.keys()
      expect((await refusalOf(without.sealKey(KEY)))[0]).to.equal('APP_KEY_REFUSED')
      await without.close()

      const device = controlSdfFixture(await buildSdfFixture())
      const opened: string[] = []
      const opener = new CardReleaseOpener(async () => {
        const card = await openDevice()
        opened.push(card.info().name)
        return card
      }, '1')
      const keys = await onCard.keys({ opener })
      const { key } = await keys.sealKey(KEY)
      device.fail('SDF_InternalDecrypt_ECC', 0, COMMUNICATION_FAILED)
      expect((await refusalOf(keys.sealKey(KEY)))[0]).to.equal('CARD_UNAVAILABLE')
      device.reset()
      expect((await keys.sealKey(KEY)).key).to.deep.equal(key)
      expect(opened).to.have.length(2)
      await keys.close()

      // The policy names the keyring's key: whoever relies on the card is told.
      const careless = await fleet.keys({ opener: new CardReleaseOpener(openDevice, '1') })
      const refusal = await careless.sealKey(KEY).catch((error: unknown) => error)
      expect(String(refusal)).to.include('not the card’s')
      await careless.close()
    },
  )
})
