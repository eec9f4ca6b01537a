import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { HomeLayout } from '@orlop/cli/devnet/layout'
import { type Network, joinNetwork } from '@orlop/cli/network-file'
import { randomBytes } from '@orlop/crypto/bytes'
import { formatObjectId } from '@orlop/protocol/ids'
import { makeCheapKeyring } from '../testkit/cheap-keyring.ts'
import { Cli, type CliResult } from '../testkit/cli.ts'
import type { RealNetwork } from '../testkit/real-network.ts'
import { sharedNetwork } from './shared-network.ts'

const LAUNCHER = fileURLToPath(new URL('../../scripts/launch.mjs', import.meta.url))
const PASSPHRASE = 'open sesame'
const STACK = /^\s+at .+:\d+:\d+\)?$/m
const SOMEWHERE = formatObjectId(randomBytes(32))

interface Failure {
  error: { code: string; message: string; details: object }
}

describe('e2e: bad input', () => {
  let network: RealNetwork
  let folder: string
  let empty: Cli

  before(async () => {
    network = await sharedNetwork()
    folder = await network.folder()
    empty = new Cli(join(folder, 'nobody'), { cwd: folder })
    await writeFile(join(folder, 'plan.txt'), 'WP001\n')
    await writeFile(
      join(folder, 'bad-policy.yaml'),
      'version: 1\nrules:\n  - then: { copies: 99 }\n',
    )
    for (const [, args] of wrongUsage) refused.set(args, empty.run(...args))
    for (const [, args] of badValues) refused.set(args, empty.run(...args, '--json'))
  })

  /** A home that has keys and knows a network. */
  async function homeOf(name: string, changes: Partial<Network> = {}): Promise<Cli> {
    const layout = new HomeLayout(join(folder, name))
    joinNetwork(layout.networkFile, { ...network.network, ...changes })
    await makeCheapKeyring(layout.home, PASSPHRASE)
    return new Cli(layout.home, { cwd: folder, env: { ORLOP_PASSPHRASE: PASSPHRASE } })
  }

  function expectFailure(result: CliResult, exitCode: 1 | 2, code: string): Failure['error'] {
    expect(result.exitCode, result.stderr).to.equal(exitCode)
    const { error } = JSON.parse(result.stdout) as Failure
    expect(error.code).to.equal(code)
    expect(result.stderr).to.include(`orlop: ${error.message.split('\n')[0]}`)
    expect(error.message).to.match(/^.{20,}[.:]$/m, 'a whole sentence')
    expect(result.stderr).not.to.match(STACK)
    return error
  }

  /** What commands that are refused left: they end by themselves, and so run at the same time. */
  const refused = new Map<readonly string[], Promise<CliResult>>()

  const wrongUsage: [string, string[]][] = [
    ['no command', []],
    ['an unknown command', ['stroe']],
    ['an unknown option', ['put', 'plan.txt', '--colour', 'red']],
    ['a missing argument', ['get']],
    ['a missing option', ['extend', SOMEWHERE]],
  ]
  for (const [what, args] of wrongUsage) {
    it(`tells ${what} on standard error, with exit code 2`, async () => {
      const { exitCode, stdout, stderr } = await refused.get(args)!
      expect({ exitCode, stdout: stdout.replace(/Usage: .*/s, '') }).to.eql({
        exitCode: 2,
        stdout: '',
      })
      expect(stderr + stdout).to.match(/error: |Usage: /)
      expect(stderr).not.to.match(STACK)
    })
  }

  const badValues: [string, string[], string, RegExp][] = [
    ['level 3', ['put', 'plan.txt', '--level', '3'], 'LEVEL_UNSUPPORTED', /level 2/],
    ['copies that are no number', ['put', 'plan.txt', '--copies', 'many'], 'USAGE', /--copies/],
    ['an unknown class', ['put', 'plan.txt', '--class', 'gossip'], 'USAGE', /class/],
    ['a label without a value', ['put', 'plan.txt', '--label', 'voyage'], 'USAGE', /KEY=VALUE/],
    ['a time that is none', ['find', '--from', 'yesterday'], 'USAGE', /--from/],
    ['a range that ends first', ['get', SOMEWHERE, '--range', '9-3'], 'USAGE', /--range/],
    ['a score of 9', ['rate', SOMEWHERE, '--node', 'A01', '--score', '9'], 'USAGE', /--score/],
    ['a home without a network', ['ls'], 'CONFIG_INVALID', /orlop devnet up|orlop init/],
  ]
  for (const [what, args, code, hint] of badValues) {
    it(`refuses ${what} with ${code}, exit code 2`, async () => {
      const error = expectFailure(await refused.get(args)!, 2, code)
      expect(error.message).to.match(hint)
    })
  }

  it('refuses a damaged network file, and one without keys beside it', async () => {
    const cli = await homeOf('damaged')
    const layout = new HomeLayout(cli.home)
    await writeFile(layout.networkFile, '{ "rpcUrl": ')
    expectFailure(await cli.run('ls', '--json'), 2, 'CONFIG_INVALID')
    const keyless = new HomeLayout(join(folder, 'keyless'))
    joinNetwork(keyless.networkFile, network.network)
    const env = { ORLOP_PASSPHRASE: PASSPHRASE }
    expectFailure(await new Cli(keyless.home, { env }).run('ls', '--json'), 2, 'KEYRING_NOT_FOUND')
  })

  it('refuses a wrong passphrase with KEYRING_LOCKED, and none at all with USAGE', async () => {
    const { home } = await homeOf('locked')
    const wrong = new Cli(home, { env: { ORLOP_PASSPHRASE: 'not-it-at-all' } })
    const error = expectFailure(await wrong.run('ls', '--json'), 1, 'KEYRING_LOCKED')
    expect(JSON.stringify(error)).not.to.include('not-it-at-all')
    expectFailure(await new Cli(home).run('ls', '--json'), 2, 'USAGE')
    const file = join(folder, 'not-there.txt')
    expectFailure(await new Cli(home).run('ls', '--passphrase-file', file, '--json'), 2, 'USAGE')
  })

  it('names the line of a policy file that is wrong', async () => {
    const cli = await homeOf('policy')
    const result = await cli.run('put', 'plan.txt', '--policy', 'bad-policy.yaml', '--json')
    const { message } = expectFailure(result, 2, 'POLICY_INVALID')
    expect(message).to.include('bad-policy.yaml').and.match(/3[:,]/)
    const missing = await cli.run('put', 'plan.txt', '--policy', 'no-policy.yaml', '--json')
    expectFailure(missing, 2, 'POLICY_INVALID')
  })

  it('says LEDGER_UNREACHABLE when nobody answers at the ledger’s address', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    server.close()
    await once(server, 'close')
    const cli = await homeOf('rpc-down', { rpcUrl: `http://127.0.0.1:${port}` })
    expectFailure(await cli.run('nodes', '--json'), 1, 'LEDGER_UNREACHABLE')
  })

  it('says LEDGER_MISMATCH for another chain, before it signs anything', async () => {
    const { deployment } = network.network
    const cli = await homeOf('other-chain', { deployment: { ...deployment, chainId: 1 } })
    const { message } = expectFailure(await cli.run('nodes', '--json'), 1, 'LEDGER_MISMATCH')
    expect(message).to.include(String(deployment.chainId))
  })

  it('says NOT_ADMITTED to a client that was never registered, and stores nothing', async () => {
    const cli = await homeOf('unregistered')
    expectFailure(await cli.run('put', 'plan.txt', '--json'), 1, 'NOT_ADMITTED')
    expect(await readdir(join(cli.home, 'client', 'spool'))).to.deep.equal([])
  })

  it('says what is wrong with an object’s name, and that an object is unknown', async () => {
    const cli = new Cli(network.home, { cwd: folder })
    expectFailure(await cli.run('get', 'orlop:short', '--json'), 2, 'USAGE')
    const unknown = await cli.run('get', SOMEWHERE, '-o', 'unknown.bin', '--json')
    expectFailure(unknown, 1, 'OBJECT_NOT_FOUND')
    for (const verb of ['verify', 'status', 'rm', 'intrude']) {
      expectFailure(await cli.run(verb, SOMEWHERE, '--json'), 1, 'OBJECT_NOT_FOUND')
    }
    expect(await readdir(folder)).not.to.include('unknown.bin')
  })

  it('says which file is not there, and that a folder is none', async () => {
    const cli = new Cli(network.home, { cwd: folder })
    for (const name of ['not-there.txt', folder]) {
      const error = expectFailure(await cli.run('put', name, '--json'), 2, 'USAGE')
      expect(error.message).to.include(name)
    }
  })

  it('shows a stack only with --debug', async () => {
    const { stderr } = await empty.run('ls', '--debug')
    expect(stderr).to.match(STACK)
  })

  it('answers an unknown command of the launcher with those there are', async () => {
    const child = spawn(process.execPath, [LAUNCHER, 'sail'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [exitCode] = (await once(child, 'close')) as [number]
    expect(exitCode).to.equal(1)
    expect(stderr).to.match(/unknown launcher command 'sail'; use one of start, orlop, test/)
  })
})
