import { isOrlopError } from '@orlop/protocol/errors'
import { expect } from 'chai'
import { RpcConnection, type RpcConnectionOptions } from './rpc-connection.ts'
import { RpcError } from './rpc-error.ts'

const SECRET_URL = 'https://captain:hunter2@ledger.example/v3/token-in-path?key=token-in-query'

type Answer = (init: RequestInit, url: string) => Response | Promise<Response>

/** A connection whose endpoint answers as told, one answer for each request. */
function connection(answers: Answer[], options: RpcConnectionOptions = {}, url = SECRET_URL) {
  const asked: { url: string; init: RequestInit }[] = []
  const fetchFake = ((target: string, init: RequestInit) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)]
    asked.push({ url: target, init })
    return Promise.resolve(answer!(init, target))
  }) as typeof fetch
  const rpc = new RpcConnection(url, { retryPauseMs: 0, fetch: fetchFake, ...options })
  return { rpc, asked }
}

const ok = (result: unknown) => () => Response.json({ jsonrpc: '2.0', id: 1, result })
const failing = (error: object, status = 200) => {
  return () => Response.json({ jsonrpc: '2.0', id: 1, error }, { status })
}
const refusing = (): Response => {
  throw new TypeError('fetch failed for ' + SECRET_URL, { cause: { code: 'ECONNREFUSED' } })
}
const status = (code: number) => () => new Response('no', { status: code })

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => null,
    (error: unknown) => error,
  )
}

describe('RpcConnection', () => {
  it('asks again while no answer comes, then gives it', async () => {
    const { rpc, asked } = connection([refusing, status(503), status(429), ok('0x1')])
    expect(await rpc.call('eth_chainId', [])).to.equal('0x1')
    expect(asked).to.have.length(4)
  })

  it('gives up after the given number of tries', async () => {
    const { rpc, asked } = connection([refusing], { retries: 2 })
    const error = await errorOf(rpc.call('eth_chainId', []))
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    expect(String(error)).to.contain('ECONNREFUSED')
    expect(asked).to.have.length(3)
  })

  it('asks once where it is told so', async () => {
    const { rpc, asked } = connection([refusing])
    await errorOf(rpc.call('eth_chainId', [], { isRepeatable: false }))
    expect(asked).to.have.length(1)
  })

  it('does not repeat what an endpoint refuses: wrong password, no JSON, an error', async () => {
    for (const answer of [
      status(401),
      () => new Response('<html>'),
      failing({ code: -32601, message: 'no' }),
    ]) {
      const { rpc, asked } = connection([answer])
      expect(await errorOf(rpc.call('eth_foo', []))).not.to.equal(null)
      expect(asked).to.have.length(1)
    }
  })

  it('repeats what a busy endpoint puts off, but not a range of logs', async () => {
    const busy = failing({ code: -32005, message: 'limit exceeded' })
    const calls = connection([busy, ok('0x1')])
    expect(await calls.rpc.call('eth_call', [])).to.equal('0x1')
    const logs = connection([busy, ok([])])
    expect(await errorOf(logs.rpc.call('eth_getLogs', []))).to.be.instanceOf(RpcError)
  })

  it('gives the endpoint’s own error with what a contract reverted with', async () => {
    for (const data of ['0x12ab', { data: '0x12ab' }, { data: 'Reverted 0x12ab' }]) {
      const { rpc } = connection([failing({ code: 3, message: 'execution reverted', data })])
      const error = await errorOf(rpc.call('eth_call', []))
      expect(error).to.include({ code: 3, revertData: '0x12ab', isRevert: true })
    }
    const { rpc } = connection([failing({ code: 3, message: 'execution reverted' }, 400)])
    expect(await errorOf(rpc.call('eth_call', []))).to.include({ revertData: null, isRevert: true })
  })

  it('waits no longer than told', async () => {
    const silent: Answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    const { rpc } = connection([silent], { timeoutMs: 1, retries: 0 })
    const error = await errorOf(rpc.call('eth_chainId', []))
    expect(isOrlopError(error, 'LEDGER_UNREACHABLE')).to.equal(true)
    expect(String(error)).to.contain('no answer in time')
  })

  it('stops when the caller gives up in the middle', async () => {
    const controller = new AbortController()
    const silent: Answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
        controller.abort()
      })
    const { rpc, asked } = connection([silent])
    const error = await errorOf(rpc.call('eth_chainId', [], { signal: controller.signal }))
    expect(isOrlopError(error, 'ABORTED')).to.equal(true)
    expect(asked).to.have.length(1)
  })

  it('refuses an answer that is too large', async () => {
    const { rpc } = connection([ok('x'.repeat(100))], { maxAnswerBytes: 64 })
    expect(await errorOf(rpc.call('eth_getLogs', []))).to.be.instanceOf(RpcError)
  })

  it('sends user and password in a header, never in the request line', async () => {
    const { rpc, asked } = connection([ok('0x1')])
    await rpc.call('eth_chainId', [])
    const basic = Buffer.from('captain:hunter2').toString('base64')
    expect(asked[0]?.init.headers).to.include({ authorization: `Basic ${basic}` })
    expect(asked[0]?.url).to.equal('https://ledger.example/v3/token-in-path?key=token-in-query')
  })

  it('shows no secret of its URL in any error', async () => {
    for (const answer of [refusing, status(401), status(500), () => new Response(SECRET_URL)]) {
      const { rpc } = connection([answer], { retries: 1 })
      const error = await errorOf(rpc.call('eth_chainId', []))
      if (!isOrlopError(error)) throw new Error('expected an OrlopError')
      const shown = [error.message, error.stack, JSON.stringify(error.details), String(error.cause)]
      for (const secret of ['hunter2', 'captain', 'token-in']) {
        expect(shown.join('\n')).not.to.contain(secret)
      }
      expect(error.message).to.contain('https://ledger.example')
    }
  })

  it('refuses URLs that are not http, without repeating them', () => {
    for (const url of ['ws://captain:hunter2@x', 'file:///etc/passwd', 'hunter2', '']) {
      expect(() => new RpcConnection(url))
        .to.throw()
        .that.satisfies(
          (error: Error) =>
            isOrlopError(error, 'CONFIG_INVALID') && !error.message.includes('hunter2'),
        )
    }
  })
})
