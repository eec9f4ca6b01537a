import { expect } from 'chai'
import { createNodeCommand, type Flags, nodeOptionsOf } from './node-command.ts'

describe('node command', () => {
  const env = { ORLOP_NODE_HOME: '/h', ORLOP_RPC_URL: 'http://localhost', ORLOP_DEPLOYMENT: '/d' }
  const optionsOf = (...args: string[]) => {
    const command = createNodeCommand(env).parse(['--name', 'A01', ...args], { from: 'user' })
    return nodeOptionsOf(command.opts<Flags>())
  }

  it('lets a master admit nobody by itself unless told so', () => {
    const quiet = { claimMaster: true, admitClients: 'none', admitNodes: 'none' }
    expect(optionsOf('--master')).to.include(quiet)
    const open = { admitClients: 'all', admitNodes: 'all' }
    expect(optionsOf('--master', '--admit-clients', 'all', '--admit-nodes', 'all')).to.include(open)
  })
})
