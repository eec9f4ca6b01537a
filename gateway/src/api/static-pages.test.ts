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
    const pages = join(folder, 'dist')
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
    expect(policy.split(';')).to.include.members([
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "connect-src 'self' https://rpc.example",
      "frame-ancestors 'none'",
    ])
    expect(policy).not.to.match(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/)
    expect(headers.get('x-content-type-options')).to.equal('nosniff')
    expect(headers.get('referrer-policy')).to.equal('no-referrer')
    expect(headers.get('x-powered-by')).to.equal(null)
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
      const { hostname, port } = new URL(served.url)
      const socket = connect(Number(port), hostname)
      socket.end(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      const answer = await text(socket)
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
