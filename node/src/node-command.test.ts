import { expect } from 'chai'
import { createNodeCommand, finalityOf, type Flags, nodeOptionsOf } from './node-command.ts'

describe('node command', () => {
  const env = { ORLOP_NODE_HOME: '/h', ORLOP_RPC_URL: 'http://localhost', ORLOP_DEPLOYMENT: '/d' }
  const flagsOf = (...args: string[]) =>
    createNodeCommand(env)
      .parse(['--name', 'A01', ...args], { from: 'user' })
      .opts<Flags>()
  const optionsOf = (...args: string[]) => nodeOptionsOf(flagsOf(...args))

  it('lets a master admit nobody by itself unless told so', () => {
    const quiet = { claimMaster: true, admitClients: 'none', admitNodes: 'none' }
    expect(optionsOf('--master')).to.include(quiet)
    const open = { admitClients: 'all', admitNodes: 'all' }
    expect(optionsOf('--master', '--admit-clients', 'all', '--admit-nodes', 'all')).to.include(open)
  })

  it('knows every way in which a ledger makes blocks final', () => {
    const policyOf = (...args: string[]) => finalityOf(flagsOf(...args))
    expect(policyOf()).to.deep.equal({ kind: 'depth', blocks: 0 })
    expect(policyOf('--finality-depth', '12')).to.deep.equal({ kind: 'depth', blocks: 12 })
    expect(policyOf('--finality-age-ms', '30000')).to.deep.equal({ kind: 'age', ms: 30_000 })
    expect(policyOf('--finality-tag', '--finality-depth', '1')).to.deep.equal({ kind: 'tag' })
  })
})
