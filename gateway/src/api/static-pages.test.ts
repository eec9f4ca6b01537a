import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { ServedLedger } from './served-ledger.fixture.ts'

describe('the explorer’s pages', () => {
  let folder: string
  let served: ServedLedger
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-pages-'))
    // Where the pages are installed says nothing of their names.
    const pages = join(folder, 'assets', 'dist')
    await mkdir(join(pages, 'assets'), { recursive: true })
    await writeFile(join(pages, 'index.html'), '<!doctype html><title>Explorer</title>')
    await writeFile(join(pages, 'assets', 'app-1a2b3c.js'), 'export {}')
    await writeFile(join(folder, 'secret.txt'), 'SECRET')
    served = await ServedLedger.start({ pagesFolder: pages })
  })
  after(async () => {
    await served.stop()
    await rm(folder, { recursive: true })
  })

  it('answer every address of the application with its one page, asked for anew each time', async () => {
    for (const path of ['/', '/nodes/3', '/objects/1/orlop:abc', '/index.html']) {
      const response = await served.get(path)
      expect(response.status, path).to.equal(200)
      expect(await response.text()).to.include('<title>Explorer</title>')
      expect(response.headers.get('cache-control')).to.equal('no-cache')
    }
  })

  it('let browsers keep what is named after its content', async () => {
    const response = await served.get('/assets/app-1a2b3c.js')
    expect(response.headers.get('content-type')).to.include('javascript')
    expect(response.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable')
  })

  it('do not stand in for a file that is missing', async () => {
    const response = await served.get('/assets/app-0.js')
    expect(response.status).to.equal(404)
    expect(response.headers.get('content-type')).to.include('application/problem+json')
  })

  it('come with a policy that runs nothing but their own files and the cipher', async () => {
    const { headers } = await served.get('/')
    const policy = headers.get('content-security-policy') ?? ''
    const { host } = new URL(served.url)
    expect(policy.split(';')).to.include.members([
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      `connect-src 'self' ws://${host} wss://${host} https://rpc.example`,
      "frame-ancestors 'none'",
    ])
    expect(policy).not.to.match(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/)
    expect(headers.get('x-content-type-options')).to.equal('nosniff')
    expect(headers.get('referrer-policy')).to.equal('no-referrer')
    expect(headers.get('x-powered-by')).to.equal(null)
  })

  it('let no caller write into that policy', async () => {
    for (const host of [
      'evil.example;script-src *',
      'a b',
      "x' 'unsafe-inline'",
      'x,script-src *',
    ]) {
      const answer = await byHand(
        served.url,
        `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close`,
      )
      expect(answer).to.match(/^HTTP\/1\.1 [24]\d\d /)
      expect(answer.split('\r\n\r\n')[0]).not.to.match(/script-src \*|unsafe-inline/)
    }
  })

  it('are all that is served of the disk', async () => {
    for (const path of [
      '/../secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '/%2e%2e/secret.txt',
      '/..%5csecret.txt',
    ]) {
      // By hand: fetch would take the dots out.
      const answer = await byHand(
        served.url,
        `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close`,
      )
      expect(answer, path).to.match(/^HTTP\/1\.1 4\d\d /)
      expect(answer).not.to.include('SECRET')
    }
  })

  it('say how to build them where they are not', async () => {
    const bare = await ServedLedger.start()
    try {
      const response = await bare.get('/')
      expect(response.status).to.equal(404)
      expect(await response.text()).to.include('npm run build -w explorer')
    } finally {
      await bare.stop()
    }
  })
})

/** Sends a request just as it is. @returns the whole answer. */
function byHand(url: string, head: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`${head}\r\n\r\n`)
  return text(socket)
}
