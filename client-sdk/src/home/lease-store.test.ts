import { expect, use } from 'chai'
import chaiAsPromised from 'chai-as-promised'
import { REQUEST_LEASE_MS } from '@orlop/protocol/limits'
import { ManualClock } from '../testkit/manual-clock.ts'
import { TemporaryFolders } from '../testkit/temporary-folder.ts'
import { LeaseStore } from './lease-store.ts'
import { openDatabase } from './open-database.ts'
import type { HomeDatabase } from './table.ts'

use(chaiAsPromised)

const NAME = 'orlop:x'

describe('request lease', () => {
  const folders = new TemporaryFolders()
  let database: HomeDatabase

  before(async () => {
    database = await openDatabase(await folders.make())
  })
  after(async () => {
    await database.close()
    await folders.removeAll()
  })
  afterEach(() => database.clear({ gt: '', lt: '~' }))

  it('keeps other nodes from being asked for 60 s, and lets the same node be asked again', async () => {
    const clock = new ManualClock()
    const leases = new LeaseStore(database, clock, 'run 1')
    await leases.start(NAME, 1)
    clock.advance(REQUEST_LEASE_MS - 1)
    await expect(leases.start(NAME, 2)).to.be.rejected.and.eventually.include({
      code: 'LEASE_HELD',
    })
    await leases.start(NAME, 1)
    clock.advance(REQUEST_LEASE_MS)
    await leases.start(NAME, 2)
  })

  it('counts by the monotonic clock within one run: setting the wall clock changes nothing', async () => {
    const clock = new ManualClock()
    const leases = new LeaseStore(database, clock, 'run 1')
    await leases.start(NAME, 1)
    clock.setWall(clock.nowMs() + 10 * REQUEST_LEASE_MS)
    expect(await leases.current(NAME)).to.deep.equal({ nodeId: 1, remainingMs: REQUEST_LEASE_MS })
    clock.setWall(0)
    clock.advance(REQUEST_LEASE_MS)
    expect(await leases.current(NAME)).to.equal(null)
  })

  it('goes on after a restart with what the wall clock says is left', async () => {
    const before = new ManualClock()
    await new LeaseStore(database, before, 'run 1').start(NAME, 1)
    const after = new ManualClock(before.nowMs() + 20_000, 5)
    const leases = new LeaseStore(database, after, 'run 2')
    expect(await leases.current(NAME)).to.deep.equal({ nodeId: 1, remainingMs: 40_000 })
    after.advance(40_000)
    expect(await leases.current(NAME)).to.equal(null)
  })

  it('never lasts longer than 60 s after a restart, even with a wall clock that was set back', async () => {
    const before = new ManualClock()
    await new LeaseStore(database, before, 'run 1').start(NAME, 1)
    const after = new ManualClock(before.nowMs() - 86_400_000, 5)
    const leases = new LeaseStore(database, after, 'run 2')
    expect(await leases.current(NAME)).to.deep.equal({ nodeId: 1, remainingMs: REQUEST_LEASE_MS })
    after.advance(REQUEST_LEASE_MS)
    expect(await leases.current(NAME)).to.equal(null)
  })

  it('ends early on a refusal or a failed dial', async () => {
    const leases = new LeaseStore(database, new ManualClock(), 'run 1')
    await leases.start(NAME, 1)
    await leases.end(NAME)
    await leases.start(NAME, 2)
    expect((await leases.current(NAME))?.nodeId).to.equal(2)
  })
})
