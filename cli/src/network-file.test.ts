import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Devnet } from './devnet/devnet.ts'
import { HomeLayout } from './devnet/layout.ts'
import { joinNetwork, type Network, readNetworkFile } from './network-file.ts'

const ADDRESS = `0x${'ab'.repeat(20)}`
const NETWORK: Network = {
  rpcUrl: 'http://localhost:8545',
  deployment: { chainId: 5, registry: ADDRESS, receipts: ADDRESS, credit: ADDRESS, fromBlock: 1 },
  finalAfterMs: 0,
}

describe('the network of a home folder', () => {
  let home: string
  let file: string
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'orlop-network-'))
    file = new HomeLayout(home).networkFile
  })
  afterEach(() => {
    rmSync(home, { recursive: true })
  })

  it('may be reached another way later, and joined again when its file is damaged', () => {
    const registry = ADDRESS.toUpperCase().replace('0X', '0x')
    const moved = {
      ...NETWORK,
      rpcUrl: 'http://localhost:9545',
      deployment: { ...NETWORK.deployment, registry },
    }
    joinNetwork(file, NETWORK)
    joinNetwork(file, moved)
    expect(readNetworkFile(file)).to.deep.equal(moved)
    writeFileSync(file, '{')
    joinNetwork(file, NETWORK)
    expect(readNetworkFile(file)).to.deep.equal(NETWORK)
  })

  it('is not replaced by another one', () => {
    joinNetwork(file, NETWORK)
    const others = [
      { chainId: 6 },
      ...['registry', 'receipts', 'credit'].map((name) => ({ [name]: `0x${'1'.repeat(40)}` })),
    ]
    for (const other of others) {
      const deployment = { ...NETWORK.deployment, ...other }
      expect(() => {
        joinNetwork(file, { ...NETWORK, deployment })
      })
        .to.throw(home)
        .with.property('code', 'CONFIG_INVALID')
    }
    expect(readNetworkFile(file)).to.deep.equal(NETWORK)
  })

  it('keeps a development network out of the home', async () => {
    joinNetwork(file, NETWORK)
    const devnet = new Devnet(new HomeLayout(home))
    const reported: string[] = []
    const failure: unknown = await devnet
      .up((line) => reported.push(line))
      .then(
        () => devnet.down(),
        (error: unknown) => error,
      )
    expect(failure).to.have.property('code', 'CONFIG_INVALID')
    expect(reported).to.deep.equal([])
    expect(devnet.state()).to.equal(null)
    expect(readNetworkFile(file)).to.deep.equal(NETWORK)
  })
})
