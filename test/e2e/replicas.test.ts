import { expect } from 'chai'
import { EtcdCluster, isEtcdInstalled } from '@orlop/kmc/testkit/etcd-cluster'
import { ReplicaTrial } from '@orlop/kmc/testkit/replica-trial'

const isInstalled = isEtcdInstalled()
const title = isInstalled
  ? 'replicas of a key management centre'
  : 'replicas of a key management centre (needs: apt-get install etcd-server)'
// On the machine that decides, nothing is skipped: starting etcd fails there.
const suite = isInstalled || process.env['CI'] !== undefined ? describe : describe.skip

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
})
