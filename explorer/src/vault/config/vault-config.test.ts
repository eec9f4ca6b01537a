import { expect } from 'chai'
import { failureOf } from '../testkit/failure-of.ts'
import { readVaultConfig } from './vault-config.ts'

const ADDRESS = `0x${'0f'.repeat(20)}`
const DEPLOYMENT = {
  chainId: 4205,
  registry: ADDRESS,
  receipts: ADDRESS,
  credit: ADDRESS,
  fromBlock: 3,
}
const PAGE = 'https://shore.example/vault/index.html'

/** Answers by their addresses; 404 for the others. */
const site = (answers: Record<string, unknown>) => {
  const asked: string[] = []
  const fetch = (url: string) => {
    asked.push(url)
    const answer = answers[url]
    if (answer === undefined) return Promise.resolve(new Response('nothing', { status: 404 }))
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return Promise.resolve(new Response(text))
  }
  return { fetch, asked }
}

describe('config of the vault', () => {
  it('asks the page’s own gateway where there is no file', async () => {
    const { fetch } = site({
      'https://shore.example/v1/deployment': { ...DEPLOYMENT, rpcUrl: '/rpc', later: true },
    })
    expect(await readVaultConfig(PAGE, fetch)).to.deep.equal({
      gateway: 'https://shore.example',
      deployment: DEPLOYMENT,
      rpcUrl: 'https://shore.example/rpc',
      isPinned: false,
    })
  })

  it('reads the ledger through nodes where the gateway names no endpoint', async () => {
    const { fetch } = site({
      'https://shore.example/v1/deployment': { ...DEPLOYMENT, rpcUrl: null },
    })
    expect((await readVaultConfig(PAGE, fetch)).rpcUrl).to.equal(null)
  })

  it('asks no gateway for a deployment that its host pinned', async () => {
    const { fetch, asked } = site({
      'https://shore.example/vault/config.json': {
        gateway: 'https://gateway.example',
        deployment: DEPLOYMENT,
        rpcUrl: 'https://rpc.example',
      },
    })
    expect(await readVaultConfig(PAGE, fetch)).to.deep.equal({
      gateway: 'https://gateway.example',
      deployment: DEPLOYMENT,
      rpcUrl: 'https://rpc.example',
      isPinned: true,
    })
    expect(asked).to.deep.equal(['https://shore.example/vault/config.json'])
  })

  it('prefers its host’s endpoint to the gateway’s', async () => {
    const { fetch } = site({
      'https://shore.example/vault/config.json': { rpcUrl: 'https://rpc.example' },
      'https://shore.example/v1/deployment': { ...DEPLOYMENT, rpcUrl: '/rpc' },
    })
    expect((await readVaultConfig(PAGE, fetch)).rpcUrl).to.equal('https://rpc.example')
  })

  for (const [what, file] of [
    ['no JSON', '<!doctype html>'],
    ['a word it does not know', { gatewy: 'https://gateway.example' }],
    ['an address that is none', { gateway: 'javascript:alert(1)' }],
    ['a deployment without a contract', { deployment: { chainId: 1 } }],
    ['too much', `"${'x'.repeat(70_000)}"`],
  ] as const) {
    it(`refuses a file with ${what}`, async () => {
      const { fetch } = site({ 'https://shore.example/vault/config.json': file })
      const reading = readVaultConfig(PAGE, fetch)
      expect(await failureOf(reading)).to.include({ code: 'CONFIG_INVALID' })
    })
  }

  for (const rpcUrl of ['https://', 'javascript:alert(1)', 'file:///etc/passwd']) {
    it(`takes no ledger at ${rpcUrl} from a gateway`, async () => {
      const { fetch } = site({
        'https://shore.example/v1/deployment': { ...DEPLOYMENT, rpcUrl },
      })
      const reading = readVaultConfig(PAGE, fetch)
      expect(await failureOf(reading)).to.include({ code: 'NODE_UNREACHABLE' })
    })
  }

  it('reads no more than a deployment can have', async () => {
    let read = 0
    const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        read += 16_384
        controller.enqueue(new Uint8Array(16_384).fill(0x20))
      },
    })
    const fetch = (url: string) =>
      Promise.resolve(
        url.endsWith('config.json') ? new Response('', { status: 404 }) : new Response(endless),
      )
    const reading = readVaultConfig(PAGE, fetch)
    expect(await failureOf(reading)).to.include({ code: 'NODE_UNREACHABLE' })
    expect(read).to.be.below(200_000)
  })

  it('gives every request a time limit', async () => {
    const { fetch } = site({
      'https://shore.example/v1/deployment': { ...DEPLOYMENT, rpcUrl: null },
    })
    const signals: AbortSignal[] = []
    await readVaultConfig(PAGE, (url, { signal }) => {
      signals.push(signal)
      return fetch(url)
    })
    expect(signals).to.have.lengthOf(2)
    for (const signal of signals) expect(signal).to.be.instanceOf(AbortSignal)
  })

  it('says so when the gateway does not tell the deployment', async () => {
    const reading = readVaultConfig(PAGE, site({}).fetch)
    expect(await failureOf(reading)).to.include({ code: 'NODE_UNREACHABLE' })
  })
})
