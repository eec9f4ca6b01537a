import { Command } from 'commander'
import { expect } from 'chai'
import { createNodeCommand } from '@orlop/node/node-command'
import { addNode } from './node.ts'
import { nodeArguments, type NodeFlags } from './node-arguments.ts'

const NEEDED = ['--name', 'B01', '--rpc-url', 'http://localhost:8545', '--deployment', 'd.json']

describe('orlop node run', () => {
  it('hands every option on to the node’s program', () => {
    const given = [
      ...NEEDED,
      ...['--tier', 'light', '--region', 'FI', '--capacity', '2K', '--metrics-port', '9100'],
      ...[
        '--listen',
        '/ip4/0.0.0.0/tcp/1',
        '/ip6/::/tcp/1',
        '--announce',
        '/dns4/b01.example/tcp/1',
      ],
      ...['--finality-depth', '12', '--finality-age-ms', '60000', '--finality-tag'],
      ...['--log-level', 'debug', '--log-file', '/n.log'],
      ...['--master', '--admit-clients', 'all', '--admit-nodes', 'all', '--repair-index'],
    ]
    expect(understood(given)).to.deep.equal({
      home: '/n',
      name: 'B01',
      tier: 'light',
      region: 'FI',
      capacity: 2048,
      metricsPort: 9100,
      listen: ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/1'],
      announce: ['/dns4/b01.example/tcp/1'],
      rpcUrl: 'http://localhost:8545',
      deployment: 'd.json',
      finalityDepth: 12,
      finalityAgeMs: 60_000,
      finalityTag: true,
      logFile: '/n.log',
      logLevel: 'debug',
      master: true,
      admitClients: 'all',
      admitNodes: 'all',
      repairIndex: true,
    })
  })

  it('leaves the node’s own defaults where nothing is given', () => {
    const bare = createNodeCommand({}).parse(['--home', '/n', ...NEEDED], { from: 'user' })
    expect(understood(NEEDED)).to.deep.equal(bare.opts())
  })
})

/** What the node's program makes of what the user gave to the command. */
function understood(given: readonly string[]): object {
  const args = nodeArguments('/n', parsed(given))
  return createNodeCommand({}).parse(args, { from: 'user' }).opts()
}

function parsed(given: readonly string[]): NodeFlags {
  const program = new Command()
  addNode({
    program,
    action: () => () => Promise.resolve(),
    collect: (value, earlier) => [...(earlier ?? []), value],
  })
  program.parse(['node', 'run', ...given], { from: 'user' })
  const run = program.commands[0]?.commands[0]
  if (run === undefined) throw new TypeError('node run: expected the command to be there')
  return run.opts<NodeFlags & Record<string, unknown>>()
}
