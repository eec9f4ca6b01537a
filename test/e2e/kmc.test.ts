import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
} from '@orlop/crypto/testing/sdf-fixture'
import { processRecordSchema } from '@orlop/cli/devnet/process-record'
import type { StoreResult } from '@orlop/client-sdk/index'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { Cli } from '../testkit/cli.ts'
import { newClient } from '../testkit/new-client.ts'
import { killProcess, type RealNetwork } from '../testkit/real-network.ts'
import { sampleBytes } from '../testkit/sdk-fleet.ts'
import { sharedNetwork } from './shared-network.ts'

const BYTES = sampleBytes(30_000)
// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const canBuild = canBuildSdfFixture()

/** What `kmc up` says. */
interface Up {
  readonly isNew: boolean
  readonly url: string
  readonly identity: string
  readonly seal: { readonly state: string }
  readonly custodians: readonly { readonly folder: string }[]
}

/** A centre that the command line runs in a home of its own. */
class RealCentre {
  readonly cli: Cli
  readonly up: Up
  readonly shares: readonly string[]

  private constructor(cli: Cli, up: Up, shares: readonly string[]) {
    this.cli = cli
    this.up = up
    this.shares = shares
  }

  static async start(home: string, rpcUrl: string): Promise<RealCentre> {
    const cli = new Cli(home)
    const up = await cli.json<Up>('kmc', 'up', '--detach', '--rpc-url', rpcUrl)
    return new RealCentre(cli, up, sharesOf(up))
  }

  /** Asks as its administrator. */
  async ask<T>(
    work: (client: CentreClient) => Promise<T>,
    { url, identity } = this.up,
  ): Promise<T> {
    const client = new CentreClient({ url, identity: await readIdentity(identity) })
    try {
      return await work(client)
    } finally {
      client.close()
    }
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const text = await readFile(join(this.cli.home, 'kmc', 'process.json'), 'utf8')
    await killProcess(processRecordSchema.parse(JSON.parse(text)))
  }

  async stop(): Promise<void> {
    await this.cli.run('kmc', 'down')
  }
}

const sharesOf = ({ custodians }: Up) => custodians.map(({ folder }) => join(folder, 'share.txt'))

async function addKey(client: CentreClient, appId: string, keyId: string): Promise<void> {
  const body = { keyId, algorithm: 'aes-256-gcm' } as const
  await client.ask(CENTRE_ROUTES.generateKey, { params: { appId }, body })
  await client.ask(CENTRE_ROUTES.activateKey, { params: { appId, keyId } })
}

describe('e2e: the key management centre', () => {
  let network: RealNetwork
  let centre: RealCentre
  let bridge: Cli
  let folder: string

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    centre = await RealCentre.start(await network.folder(), network.network.rpcUrl)
    bridge = await newClient(network, 'Bridge')
    await writeFile(join(folder, 'plan.bin'), BYTES)
  })
  after(() => centre.stop())

  const put = (key: string) =>
    bridge.json<StoreResult>(
      ...['put', join(folder, 'plan.bin'), '--application', key, '--application-only'],
    )

  const get = (objectId: string) =>
    bridge.run('get', objectId, '-o', join(folder, 'copy.bin'), '--overwrite', '--json')

  async function expectOpens(objectId: string): Promise<void> {
    const { exitCode, stderr } = await get(objectId)
    expect(exitCode, stderr).to.equal(0)
    expect(Buffer.compare(await readFile(join(folder, 'copy.bin')), BYTES)).to.equal(0)
  }

  async function expectRefused(objectId: string, reason: string): Promise<void> {
    const { exitCode, stdout } = await get(objectId)
    expect(exitCode).to.equal(1)
    const { error } = JSON.parse(stdout) as { error: object }
    expect(error).to.deep.include({ code: 'APP_KEY_REFUSED' })
    expect(error).to.have.nested.property('details.reason', reason)
  }

  it('keeps what a ship’s application seals until its key is revoked and destroyed, in every backup too', async () => {
    const { cli, up, shares } = centre
    expect(up).to.deep.include({ isNew: true })
    expect(shares).to.have.length(3)
    const { text } = await bridge.json<{ text: string }>('kmc', 'requester', 'bridge')
    await cli.json('kmc', 'app', 'create', 'voyage', '--requester', text)
    await centre.ask(async (client) => {
      await addKey(client, 'voyage', 'plans')
      await addKey(client, 'voyage', 'other')
    })
    const identity = join(folder, 'voyage.pem')
    await cli.json('kmc', 'cert', 'issue', 'application', 'voyage', '--out', identity)
    const joining = ['kmc', 'join', '--identity', identity, '--requester', 'bridge', '--url']
    await bridge.json(...joining, up.url)
    const [plans, other] = [await put('voyage/plans'), await put('voyage/other')]
    await expectOpens(plans.objectId)
    const { backupId } = await centre.ask((client) => client.ask(CENTRE_ROUTES.createBackup, {}))

    await cli.json('kmc', 'key', 'revoke', 'voyage', 'plans')
    await expectRefused(plans.objectId, 'KEY_STATE')
    const destroyed = await cli.json<{ remadeBackups: string[]; isAnchored: boolean }>(
      ...['kmc', 'destroy', 'voyage', 'plans', '--statement', join(folder, 'plans.json')],
    )
    expect(destroyed).to.deep.include({ remadeBackups: [backupId], isAnchored: true })
    const proven = await cli.json<{ goodCount: number; anchoredCount: number }>(
      ...['kmc', 'audit', 'verify', '--rpc-url', network.network.rpcUrl],
    )
    expect(proven.goodCount).to.be.above(10)
    expect(proven.anchoredCount).to.equal(proven.goodCount)

    const restored = new Cli(await network.folder())
    const backup = join(cli.home, 'kmc', 'backups', `${backupId}.kmc-backup`)
    const atHand = ['--shares', shares[0] ?? '', shares[2] ?? '']
    await restored.json('kmc', 'backup', 'restore', backup, ...atHand)
    const again = await restored.json<Up>('kmc', 'up', '--detach', ...atHand)
    try {
      await bridge.json(...joining, again.url)
      await expectRefused(plans.objectId, 'KEY_STATE')
      await expectOpens(other.objectId)
    } finally {
      await restored.run('kmc', 'down')
    }
  })

  const ofDevice = canBuild || decides ? it : it.skip
  const needs = canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`
  ofDevice(`wraps an application’s keys to a card’s key, which opens them${needs}`, async () => {
    const address = `sdf:${await buildSdfFixture()}?key-pair=1&pin-env=CARD_PIN`
    const card = ['--card', address, '--card-key', '1']
    const joined = await newClient(network, 'Machine room')
    const env = { ORLOP_PASSPHRASE: 'of Machine room', CARD_PIN: SDF_FIXTURE_PIN }
    const machine = new Cli(joined.home, { env })
    const { text } = await machine.json<{ text: string }>('kmc', 'requester', 'machine', ...card)
    await centre.cli.json('kmc', 'app', 'create', 'engine', '--requester', text)
    await centre.ask((client) => addKey(client, 'engine', 'default'))
    const identity = join(folder, 'engine.pem')
    await centre.cli.json('kmc', 'cert', 'issue', 'application', 'engine', '--out', identity)
    const joining = ['--identity', identity, '--requester', 'machine', '--url', centre.up.url]
    await machine.json('kmc', 'join', ...joining, ...card)
    const putting = ['--application', 'engine', '--application-only']
    const { objectId } = await machine.json<StoreResult>(
      'put',
      join(folder, 'plan.bin'),
      ...putting,
    )
    const copy = join(folder, 'engine-copy.bin')
    await machine.json('get', objectId, '-o', copy)
    expect(Buffer.compare(await readFile(copy), BYTES)).to.equal(0)
    // Without the card's PIN there is no card, and so no key.
    const without = await joined.run('get', objectId, '-o', copy, '--overwrite', '--json')
    expect(JSON.parse(without.stdout)).to.have.nested.property('error.code', 'CONFIG_INVALID')
  })

  ofDevice(`starts unsealed by its card, until an administrator seals it${needs}`, async () => {
    const library = await buildSdfFixture()
    const own = new Cli(await network.folder())
    await writeFile(join(own.home, 'pin'), `${SDF_FIXTURE_PIN}\n`, { mode: 0o600 })
    const card = { name: 'vault', driver: 'sdf', library, keyPair: 1, pinFile: 'pin' }
    const cards = join(own.home, 'cards.json')
    await writeFile(cards, JSON.stringify({ cards: [card], unseal: { card: 'vault', key: '1' } }))
    const up = ['kmc', 'up', '--detach', '--cards', cards]
    try {
      await own.json(...up)
      await own.json('kmc', 'down')
      const again = await own.json<Up>(...up)
      expect(again).to.deep.include({ isNew: false, cardRefusal: null })
      expect(again.seal.state).to.equal('unsealed')
      await own.json('kmc', 'seal')
      await own.json('kmc', 'down')
      expect((await own.json<Up>(...up)).seal.state).to.equal('sealed')
    } finally {
      await own.run('kmc', 'down')
    }
  })

  it('loses nothing that it acknowledged when it is killed, and starts sealed', async () => {
    const acknowledged: string[] = []
    const killed = centre.ask(async (client) => {
      const policy = {
        requesters: [],
        algorithms: ['aes-256-gcm' as const],
        maxKeys: 10_000,
        maxReleasesPerHour: 1,
      }
      await client.ask(CENTRE_ROUTES.createApplication, { body: { appId: 'killed', policy } })
      for (let number = 0; ; number++) {
        await addKey(client, 'killed', `key-${String(number).padStart(5, '0')}`)
        acknowledged.push(`key-${String(number).padStart(5, '0')}`)
        // In the middle of the next one.
        if (number === 20) void centre.kill()
      }
    })
    const code = await killed.catch((error: unknown) => (error as { code: string }).code)
    expect(code).to.equal('CENTRE_UNREACHABLE')

    const { cli, shares } = centre
    const sealed = await cli.json<Up>('kmc', 'up', '--detach')
    expect(sealed).to.deep.include({ isNew: false, url: centre.up.url })
    expect(sealed.seal.state).to.equal('sealed')
    const status = await cli.json<{ state: string }>(
      ...['kmc', 'unseal', '--share', shares[1] ?? '', '--share', shares[2] ?? ''],
    )
    expect(status.state).to.equal('unsealed')
    await centre.ask(async (client) => {
      for (const keyId of acknowledged) {
        const key = await client.ask(CENTRE_ROUTES.key, { params: { appId: 'killed', keyId } })
        expect(key.state).to.equal('active')
      }
    })
    await cli.json('kmc', 'audit', 'verify')
  })
})
