import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { ServedLedger } from './served-ledger.fixture.ts'
import { hasVault } from './vault-pages.ts'

describe('the vault’s pages', () => {
  let folder: string
  let pages: string
  let served: ServedLedger

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orlop-vault-'))
    pages = join(folder, 'dist')
    const vault = join(pages, 'vault')
    await mkdir(join(vault, 'assets'), { recursive: true })
    await writeFile(join(folder, 'secret.txt'), 'SECRET')
    await writeFile(join(pages, 'index.html'), '<title>Explorer</title>')
    await writeFile(join(pages, 'intruder.txt'), 'EXPLORER ONLY')
    await writeFile(join(vault, 'index.html'), '<title>Vault</title>')
    await writeFile(join(vault, 'SHA256SUMS'), 'sums')
    await writeFile(join(vault, 'assets', 'index-1a2b3c.js'), 'export {}')
    await writeFile(join(vault, 'assets', 'cipher-4d5e6f.wasm'), new Uint8Array(8))
    served = await ServedLedger.start({ pagesFolder: pages })
  })
  after(async () => {
    await served.stop()
    await rm(folder, { recursive: true })
  })

  it('are one page at /vault/, where its files are beside it, asked for anew each time', async () => {
    for (const path of ['/vault', '/vault/', '/vault/index.html']) {
      const response = await served.get(path)
      expect(response.status, path).to.equal(200)
      expect(new URL(response.url).pathname).to.match(/^\/vault\//)
      expect(await response.text()).to.equal('<title>Vault</title>')
      expect(response.headers.get('cache-control')).to.equal('no-cache')
    }
    const moved = await served.get('/vault', { redirect: 'manual' })
    expect(moved.status).to.equal(302)
    // Relative, so that it holds behind a proxy that serves the gateway below a path.
    expect(moved.headers.get('location')).to.equal('vault/')
  })

  it('let browsers keep what is named after its content, and ask again for the sums', async () => {
    const script = await served.get('/vault/assets/index-1a2b3c.js')
    expect(script.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable')
    expect(script.headers.get('content-type')).to.include('javascript')
    const cipher = await served.get('/vault/assets/cipher-4d5e6f.wasm')
    expect(cipher.headers.get('content-type')).to.equal('application/wasm')
    const sums = await served.get('/vault/SHA256SUMS')
    expect(sums.headers.get('cache-control')).to.equal('no-cache')
  })

  it('come with a policy that lets them do what they need, and no more', async () => {
    const { host } = new URL(served.url)
    // A worker lives under the policy that came with its own file.
    for (const path of ['/vault/', '/vault/assets/index-1a2b3c.js']) {
      const { headers } = await served.get(path)
      const policy = (headers.get('content-security-policy') ?? '').split(';')
      expect(policy).to.include.members([
        "default-src 'none'",
        "base-uri 'none'",
        `connect-src 'self' ws://${host} wss://${host} https://rpc.example`,
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src 'self' blob:",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "worker-src 'self'",
      ])
      expect(policy.join()).not.to.match(
        /data:|\*|'unsafe-inline'|'unsafe-eval'|frame-src|object-src/,
      )
      expect(headers.get('cross-origin-opener-policy')).to.equal('same-origin')
      expect(headers.get('x-content-type-options')).to.equal('nosniff')
      expect(headers.get('referrer-policy')).to.equal('no-referrer')
    }
  })

  it('have no page of the explorer in the place of one of their own', async () => {
    for (const path of ['/vault/objects', '/vault/assets/gone.js', '/vault/config.js']) {
      const response = await served.get(path)
      expect(response.status, path).to.equal(404)
      expect(response.headers.get('content-type')).to.include('application/problem+json')
    }
  })

  it('find an empty configuration, until their host writes one', async () => {
    const none = await served.get('/vault/config.json')
    expect(await none.json()).to.deep.equal({})
    expect(none.headers.get('cache-control')).to.equal('no-cache')
    const file = join(pages, 'vault', 'config.json')
    await writeFile(file, '{"gateway":"https://gateway.example"}')
    const written = await served.get('/vault/config.json')
    expect(await written.json()).to.deep.equal({ gateway: 'https://gateway.example' })
    expect(written.headers.get('cache-control')).to.equal('no-cache')
    await rm(file)
  })

  it('are all that is served below their address', async () => {
    for (const path of [
      '/vault/../secret.txt',
      '/vault/../intruder.txt',
      '/vault/..%2fintruder.txt',
      '/vault/..%2f..%2fsecret.txt',
      '/vault/assets/..%2f..%2f..%2fsecret.txt',
      '/vault/%2e%2e/%2e%2e/secret.txt',
      '/vault/..%5c..%5csecret.txt',
      '/vault//etc/passwd',
      '/vault/%00',
    ]) {
      // By hand: fetch would take the dots out.
      const answer = await byHand(served.url, path)
      expect(answer, path).to.match(/^HTTP\/1\.1 4\d\d /)
      expect(answer, path).not.to.match(/SECRET|EXPLORER ONLY|root:/)
    }
  })

  it('say how to build them where they are not, while the explorer is served', async () => {
    const bare = join(folder, 'bare')
    await mkdir(bare)
    await writeFile(join(bare, 'index.html'), '<title>Explorer</title>')
    const other = await ServedLedger.start({ pagesFolder: bare })
    try {
      for (const path of ['/vault', '/vault/']) {
        const response = await other.get(path)
        expect(response.status, path).to.equal(404)
        expect(await response.json())
          .to.deep.include({ code: 'NOT_FOUND', status: 404 })
          .and.have.property('detail')
          .that.includes('npm run build:vault -w explorer')
      }
      expect((await other.get('/')).status).to.equal(200)
    } finally {
      await other.stop()
    }
  })

  it('are told of where they are, so that the explorer links to them', () => {
    expect(hasVault(pages)).to.equal(true)
    expect(hasVault(folder)).to.equal(false)
  })
})

/** Asks for a path just as it is. @returns the whole answer. */
function byHand(url: string, path: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  return text(socket)
}
