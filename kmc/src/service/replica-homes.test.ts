import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { CENTRE_ROUTES } from '../api/centre-routes.ts'
import { EtcdCluster, isEtcdInstalled } from '../testkit/etcd-cluster.ts'
import { ServedCentre } from '../testkit/served-centre.ts'
import { codeOf, policyFor } from '../testkit/test-centre.ts'

const isInstalled = isEtcdInstalled()
const title = isInstalled
  ? 'homes of replicas on one etcd'
  : 'homes of replicas on one etcd (needs: apt-get install etcd-server)'
// On the machine that decides, nothing is skipped: starting etcd fails there.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

suite(title, () => {
  let cluster: EtcdCluster
  let backups: string

  before(async () => {
    cluster = await EtcdCluster.start({ members: 1 })
    backups = await mkdtemp(join(tmpdir(), 'okmc-'))
  })
  after(async () => {
    await cluster.remove()
    await rm(backups, { recursive: true, force: true })
  })

  it('join one centre with its shares, see the same keys and backups, and keep to their cluster', async () => {
    const etcd = {
      urls: cluster.urls,
      ...{ namespace: null, authorityFile: null, certificateFile: null, privateKeyFile: null },
    }
    const options = { etcd, backups }
    const first = await ServedCentre.start(options)
    const second = await ServedCentre.empty()
    try {
      expect(await codeOf(second.run(options)), 'without shares').to.equal('CENTRE_SEALED')
      const shares = [await first.share(1), await first.share(3)]
      const { facts } = await second.run({ ...options, shares })
      expect(facts.centreId).to.equal(first.running.facts.centreId)
      expect(facts.newShares).to.deep.equal([])
      const [one, other] = [await first.administrator(), await second.administrator()]
      const body = { appId: 'voyage', policy: policyFor([]) }
      await one.ask(CENTRE_ROUTES.createApplication, { body })
      const params = { appId: 'voyage' }
      expect((await other.ask(CENTRE_ROUTES.application, { params })).state).to.equal('active')
      const { backupId } = await other.ask(CENTRE_ROUTES.createBackup, {})
      const { items } = await one.ask(CENTRE_ROUTES.backups, {})
      expect(items.map((backup) => backup.backupId)).to.deep.equal([backupId])
      await second.halt()
      const stranger = await EtcdCluster.start({ members: 1 })
      const elsewhere = { ...options, etcd: { ...etcd, urls: stranger.urls } }
      expect(await codeOf(second.run(elsewhere))).to.equal('STORE_WRONG_CLUSTER')
      await stranger.remove()
    } finally {
      await second.stop()
      await first.stop()
    }
  })
})
