import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { StoreResult } from '@orlop/client-sdk/index'
import { Cli } from '../testkit/cli.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sharedNetwork } from './shared-network.ts'

interface Report {
  isSound: boolean
  sha256: string
  findings: { subject: string; statement: string; result: string }[]
}

describe('e2e: evidence', () => {
  let network: RealNetwork
  let folder: string
  let cli: Cli
  let objectId: string
  let strips: number
  const file = () => join(folder, 'evidence.json')

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    cli = new Cli(network.home, { cwd: folder })
    await writeFile(join(folder, 'plan.txt'), 'Bergen to Rotterdam\n'.repeat(500))
    const stored = await cli.json<StoreResult>('put', 'plan.txt', '--wait-for', 'recorded')
    objectId = stored.objectId
    strips = stored.strips.length
  })

  it('of an object is exported, with everybody’s signatures, and holds', async () => {
    const args = ['--out', 'evidence.json', '--pdf', 'evidence.pdf']
    const made = await cli.json<{ receipts: number; sha256: string }>('export', objectId, ...args)
    expect(made.receipts).to.equal(strips)
    const report = await cli.json<Report>('evidence', 'check', 'evidence.json')
    expect(report.isSound).to.equal(true)
    expect(report.sha256).to.equal(made.sha256)
    expect(report.findings.filter(({ result }) => result !== 'holds')).to.deep.equal([])
    const pdf = await readFile(join(folder, 'evidence.pdf'), 'latin1')
    expect(pdf).to.match(/^%PDF-1\.7/)
    expect(pdf).to.not.contain('plan.txt')
  })

  it('is not written over another file unless told so', async () => {
    const again = await cli.run('export', objectId, '--out', 'evidence.json')
    expect(again.exitCode).to.equal(1)
    expect(again.stderr).to.match(/evidence\.json exists already/)
    await cli.json('export', objectId, '--out', 'evidence.json', '--overwrite')
  })

  it('is checked from an empty home by whoever has the address of any endpoint', async () => {
    const stranger = new Cli(await network.folder(), { cwd: folder })
    const { rpcUrl, deployment } = network.network
    const without = await stranger.run('evidence', 'check', file())
    expect([without.exitCode, without.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('--rpc'),
    )
    const byFile = await stranger.run('evidence', 'check', file(), '--rpc', rpcUrl)
    expect(byFile.exitCode, byFile.stderr).to.equal(0)
    expect(byFile.stdout).to.match(/^open {3}ledger: the contracts are those of the known network/m)
    const known = join(folder, 'deployment.json')
    await writeFile(known, JSON.stringify(deployment))
    const args = ['--rpc', rpcUrl, '--deployment', known]
    const whole = await stranger.run('evidence', 'check', file(), ...args)
    expect(whole.stdout).to.match(/The evidence holds: \d+ statements checked\.$/m)
    await writeFile(known, JSON.stringify({ ...deployment, credit: deployment.registry }))
    const other = await stranger.run('evidence', 'check', file(), ...args)
    expect(other.exitCode).to.equal(1)
    expect(other.stdout).to.match(/^FAILS {2}ledger: the contracts are those of the known network/m)
  })

  it('ends with 1 when the file was changed or cut off, with 2 when it cannot be told', async () => {
    const text = await readFile(file(), 'utf8')
    const changed = text.replace(/"streamBytes":\d/, '"streamBytes":9')
    const files = {
      'changed.json': changed,
      'cut.json': changed.slice(0, -10),
      'newer.json': text.replace('"version":1', '"version":9'),
      'huge.json': text,
    }
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content)
    }
    await truncate(join(folder, 'huge.json'), 65 * 1024 * 1024)
    const check = (...args: string[]) => cli.run('evidence', 'check', ...args)
    const [report, ...others] = await Promise.all([
      check('changed.json', '--json'),
      ...['cut.json', 'newer.json', 'huge.json', 'missing.json'].map((name) => check(name)),
      check(file(), '--rpc', 'http://127.0.0.1:1'),
    ])
    expect(report.exitCode).to.equal(1)
    expect((JSON.parse(report.stdout) as Report).isSound).to.equal(false)
    expect(others.map(({ exitCode }) => exitCode)).to.deep.equal([1, 2, 2, 2, 2])
  })

  it('of a period and of another ship is exported too; what is not there is said', async () => {
    const ship = await network.client()
    const shipId = String(ship.client.record!.clientId)
    const empty = await cli.run('export', '--from', '2022-01-01', '--ship', shipId, '--out', 'x')
    expect(empty.exitCode).to.equal(1)
    expect(empty.stderr).to.contain(`no receipt of client ${shipId}`)
    const bytes = new Uint8Array(3000)
    await ship.client.store({ source: { bytes }, name: 'x', waitFor: 'recorded' })
    const args = ['--from', '2022-01-01', '--ship', shipId, '--out', 'ship.json']
    const made = await cli.json<{ receipts: number }>('export', ...args)
    expect(made.receipts).to.be.above(1)
    expect((await cli.json<Report>('evidence', 'check', 'ship.json')).isSound).to.equal(true)
  })

  it('needs either objects or a period', async () => {
    const period = ['--from', '2022-01-01']
    const wrong = [[], [objectId, ...period], ['--from', '2022-02-01', '--to', '2022-01-01']]
    for (const args of wrong) {
      const { exitCode } = await cli.run('export', ...args, '--out', 'never.json')
      expect(exitCode, args.join(' ')).to.equal(2)
    }
  })
})
