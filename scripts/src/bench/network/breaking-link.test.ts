import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { expect } from 'chai'
import { BreakingLink, type BreakingLinkOptions } from './breaking-link.ts'

describe('breaking link', () => {
  let server: Server
  let port: number
  let link: BreakingLink | null = null

  beforeEach(async () => {
    server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  })
  afterEach(async () => {
    await link?.stop()
    link = null
    server.close()
  })

  async function open(options: Omit<BreakingLinkOptions, 'targetPorts'>) {
    link = await BreakingLink.start({ targetPorts: [port], ...options })
    const socket = connect(link.detours[port] ?? 0, '127.0.0.1')
    await once(socket, 'connect')
    return { link, socket }
  }

  it('carries bytes both ways and counts those towards the target', async () => {
    const { link, socket } = await open({ bytesPerSecond: 1e9 })
    socket.end('to the node and back')
    let answer = ''
    for await (const piece of socket) answer += String(piece)
    expect(answer).to.equal('to the node and back')
    expect(link.carriedBytes).to.equal(answer.length)
    expect(link.cuts).to.equal(0)
  })

  it('cuts connections after a time', async () => {
    const { link, socket } = await open({ cutEveryMs: 20 })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).to.equal('ECONNRESET')
    expect(link.cuts).to.equal(1)
  })

  it('cuts connections after so many bytes', async () => {
    const { link, socket } = await open({ cutEveryBytes: 1_000 })
    const cut = once(socket, 'error')
    socket.write('x'.repeat(999))
    await once(socket, 'data')
    expect(link.cuts).to.equal(0)
    socket.write('x')
    await cut
    expect(link.cuts).to.equal(1)
  })
})
