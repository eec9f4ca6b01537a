import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { CENTRE_ROUTES } from '@orlop/kmc/api/centre-routes'
import { CentreClient } from '@orlop/kmc/client/centre-client'
import { EtcdCluster, isEtcdInstalled } from '@orlop/kmc/testkit/etcd-cluster'
import { ReplicaTrial } from '@orlop/kmc/testkit/replica-trial'
import { readIdentity } from '@orlop/protocol/centre/identity'
import { Cli } from '../testkit/cli.ts'

const isInstalled = isEtcdInstalled()
const title = isInstalled
  ? 'replicas of a key management centre'
  : 'replicas of a key management centre (needs: apt-get install etcd-server)'
// On the machine that decides, nothing is skipped: starting etcd fails there.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

const ALGORITHM = 'aes-256-gcm' as const

/** What `kmc up` says. */
interface Up {
  readonly isNew: boolean
  readonly url: string
  readonly identity: string
  readonly custodians: readonly { readonly folder: string }[]
}

interface Replica {
  readonly told: Up
  readonly client: CentreClient
}

suite(title, () => {
  let cluster: EtcdCluster

  before(async () => {
    cluster = await EtcdCluster.start({ members: 3 })
  })
  after(() => cluster.remove())

  it('lose nothing that was acknowledged, do nothing twice, and revoke everywhere at once, while replicas and members of etcd die', async () => {
    const report = await ReplicaTrial.run({
      cluster,
      replicas: 2,
      workers: 6,
      tasks: 160,
      tasksPerStep: 16,
    })
    expect(report.faults).to.deep.equal([])
    expect(report.acknowledged).to.be.at.least(160)
    expect(report.kills.replicas).to.be.at.least(1)
    expect(report.kills.members).to.be.at.least(1)
  })

  describe('by the command line', () => {
    const clis: Cli[] = []
    let folder: string

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'orlop-replicas-'))
    })
    after(async () => {
      for (const cli of clis) await cli.run('kmc', 'down')
      await rm(folder, { recursive: true, force: true })
    })

    async function up(name: string, shares: readonly string[]): Promise<Replica> {
      const cli = new Cli(join(folder, name))
      clis.push(cli)
      const where = ['--etcd', ...cluster.urls, '--etcd-namespace', 'command-line/']
      const backups = ['--backups', join(folder, 'backups')]
      const given = shares.length === 0 ? [] : ['--shares', ...shares]
      const told = await cli.json<Up>('kmc', 'up', '--detach', ...where, ...backups, ...given)
      const { url, identity } = told
      const client = new CentreClient({ url, identity: await readIdentity(identity) })
      return { told, client }
    }

    it('serve one centre: what one revokes the other has revoked, and sealing one seals both', async () => {
      const first = await up('first', [])
      const shares = first.told.custodians.map((custodian) => join(custodian.folder, 'share.txt'))
      const second = await up('second', shares.slice(0, 2))
      expect([first.told.isNew, second.told.isNew]).to.deep.equal([true, false])
      const policy = { requesters: [], algorithms: [ALGORITHM], maxKeys: 1, maxReleasesPerHour: 1 }
      const name = { appId: 'voyage', keyId: 'plans' }
      const params = { appId: 'voyage' }
      await first.client.ask(CENTRE_ROUTES.createApplication, { body: { appId: 'voyage', policy } })
      const body = { keyId: 'plans', algorithm: ALGORITHM }
      await second.client.ask(CENTRE_ROUTES.generateKey, { params, body })
      await first.client.ask(CENTRE_ROUTES.revokeKey, { params: name })
      const { state } = await second.client.ask(CENTRE_ROUTES.key, { params: name })
      expect(state).to.equal('revoked')
      await first.client.ask(CENTRE_ROUTES.seal, {})
      for (;;) {
        const { seal } = await second.client.ask(CENTRE_ROUTES.status, {})
        if (seal.state === 'sealed') break
      }
      first.client.close()
      second.client.close()
    })
  })
})
