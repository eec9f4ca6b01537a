import { expect } from 'chai'
import { applicationKeysConformance } from '@orlop/client-sdk/application-keys/application-keys.conformance'
import { CentreApplicationKeys } from '@orlop/client-sdk/application-keys/centre-application-keys'
import { deriveKeySet, type KeySet } from '@orlop/client-sdk/keyring/key-set'
import { randomBytes } from '@orlop/crypto/bytes'
import { decodeHex } from '@orlop/crypto/bytes'
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

  static async start(): Promise<Fleet> {
    const served = await ServedCentre.start()
    const fleet = new Fleet(served, await served.administrator())
    const { address, openingPublicKey: openingKey } = fleet.keySet
    const requesters = [{ requesterId: 'bridge', signer: decodeHex(address), openingKey }]
    const limits = { maxKeys: 10, maxReleasesPerHour: 1000 }
    const policy = { requesters, algorithms: ['aes-256-gcm' as const], ...limits }
    await fleet.administrator.ask(CENTRE_ROUTES.createApplication, { body: { appId: APP, policy } })
    return fleet
  }

  async keys(keySet: KeySet = this.keySet, appId = APP): Promise<CentreApplicationKeys> {
    const { url } = this.served.running.facts
    const identity = await this.served.identity('application', appId)
    return new CentreApplicationKeys({ url, identity, requesterId: 'bridge', keySet })
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

applicationKeysConformance('of a key management centre over TLS', async () => {
  const fleet = await Fleet.start()
  fleets.push(fleet)
  return {
    keys: await fleet.keys(),
    rotate: (appId, keyId) => fleet.rotate(appId, keyId),
    revoke: (appId, keyId) => fleet.revoke(appId, keyId),
  }
})

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
    const stranger = await fleet.keys(deriveKeySet(randomBytes(32)))
    expect(await refusalOf(stranger.sealKey(KEY))).to.deep.equal([
      'APP_KEY_REFUSED',
      'REQUEST_INVALID',
    ])
    const other = await fleet.keys(fleet.keySet, 'voyage')
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
})
