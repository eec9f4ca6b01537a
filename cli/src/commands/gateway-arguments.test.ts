import { Command } from 'commander'
import { expect } from 'chai'
import { createGatewayCommand } from '@orlop/gateway/gateway-command'
import { addGateway } from './gateway.ts'
import { gatewayArguments, type GatewayFlags } from './gateway-arguments.ts'

const LEDGER = { rpcUrl: 'http://localhost:8545', deployment: 'd.json' }
const NEEDED = ['--rpc-url', LEDGER.rpcUrl, '--deployment', LEDGER.deployment]
const DEFAULTS = { env: {}, pagesFolder: '/pages' }

describe('orlop gateway run', () => {
  it('hands every option on to the gateway’s program', () => {
    const given = [
      ...['--host', '0.0.0.0', '--port', '8080', '--pages', '/built'],
      ...['--tls-identity', '/shore.pem'],
      ...['--public-rpc-url', 'https://rpc.example', '--forward-rpc'],
      ...['--allow-origin', 'https://a.example', '--allow-origin', 'https://b.example'],
      ...['--requests-per-minute', '60', '--trust-proxy', '1'],
      ...['--log-file', '/g.log', '--log-level', 'debug'],
    ]
    expect(understood(given)).to.deep.equal({
      home: '/g',
      ...LEDGER,
      host: '0.0.0.0',
      port: 8080,
      tlsIdentity: '/shore.pem',
      pages: '/built',
      publicRpcUrl: 'https://rpc.example',
      forwardRpc: true,
      allowOrigin: ['https://a.example', 'https://b.example'],
      requestsPerMinute: 60,
      trustProxy: 1,
      logFile: '/g.log',
      logLevel: 'debug',
    })
  })

  it('leaves the gateway’s own defaults where nothing is given', () => {
    const command = createGatewayCommand(DEFAULTS)
    const bare = command.parse(['--home', '/g', ...NEEDED], { from: 'user' })
    expect(understood([])).to.deep.equal(bare.opts())
  })

  for (const wrong of [
    ['--port', '65536'],
    ['--port', '-1'],
    ['--port', '80x'],
    ['--allow-origin', 'fleet.example'],
    ['--allow-origin', 'https://fleet.example/page'],
    ['--requests-per-minute', '0'],
    ['--trust-proxy', 'yes'],
    ['--log-level', 'loud'],
  ]) {
    it(`is refused with ${wrong.join(' ')}`, () => {
      const command = createGatewayCommand(DEFAULTS).configureOutput({ writeErr: () => undefined })
      for (const option of command.options) option.mandatory = false
      expect(() => command.parse(wrong, { from: 'user' })).to.throw(String(wrong[1]))
    })
  }
})

/** What the gateway's program makes of what the user gave to the command. */
function understood(given: readonly string[]): object {
  const args = gatewayArguments('/g', LEDGER, parsed(given))
  return createGatewayCommand(DEFAULTS).parse(args, { from: 'user' }).opts()
}

function parsed(given: readonly string[]): GatewayFlags {
  const program = new Command()
  addGateway({
    program,
    action: () => () => Promise.resolve(),
    collect: (value, earlier) => [...(earlier ?? []), value],
  })
  program.parse(['gateway', 'run', ...given], { from: 'user' })
  const run = program.commands[0]?.commands[0]
  if (run === undefined) throw new TypeError('gateway run: expected the command to be there')
  return run.opts<GatewayFlags & Record<string, unknown>>()
}
