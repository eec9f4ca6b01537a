import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { Agent } from '@orlop/agent/agent'
import { LevelSpool } from '@orlop/agent/spool/level-spool'
import { loadPolicy, MemoryApplicationKeys } from '@orlop/client-sdk/index'
import { silentLogger } from '@orlop/protocol/logger'
import { SdkFleet } from '../testkit/sdk-fleet.ts'
import { until } from '../testkit/until.ts'

const APP = { appId: 'stowage', keyId: 'plans' }

describe('an agent that stores for an application', () => {
  let fleet: SdkFleet
  before(async () => {
    fleet = new SdkFleet()
    await fleet.startNodes(['A01', 'A02'])
  })
  after(() => fleet.close())

  it('gives each object the application’s stanza', async () => {
    const keys = new MemoryApplicationKeys()
    const { client } = await fleet.client({ applicationKeys: keys })
    const [home, watched] = [await fleet.folder(), await fleet.folder()]
    const spool = await LevelSpool.open(join(home, 'spool'))
    const agent = new Agent(
      { client, policy: await loadPolicy(), spool, logger: silentLogger },
      {
        ...{ home, watch: [watched], settledMs: 100, shareWith: [] },
        ship: { name: 'MV Test', imoNumber: 0 },
        application: { ...APP, exclusive: true },
      },
    )
    keys.rotate(APP.appId, APP.keyId)
    await agent.start()
    await writeFile(join(watched, 'plan.bin'), new Uint8Array(5000).fill(7))
    await until('the file is stored', async () => {
      const [item] = await Array.fromAsync(spool.all())
      return item !== undefined && item.state !== 'queued' && item.state !== 'storing'
    })
    const [entry] = await client.list()
    const recipients = await client.recipients({ objectId: entry!.objectId })
    expect(recipients.applications).to.deep.equal([{ ...APP, version: 1 }])
    await agent.stop()
    await spool.close()
  })
})
