import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { expect } from 'chai'
import { callerAddress } from './caller-address.ts'

function request(forwarded: string | null): IncomingMessage {
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '10.0.0.1' })
  const made = new IncomingMessage(socket)
  if (forwarded !== null) made.headers['x-forwarded-for'] = forwarded
  return made
}

describe('callerAddress', () => {
  it('is the connection’s own address where no proxy is trusted, whatever the caller says', () => {
    expect(callerAddress(request(null), 0)).to.equal('10.0.0.1')
    expect(callerAddress(request('203.0.113.9'), 0)).to.equal('10.0.0.1')
  })

  it('is what the trusted proxies saw, not what the caller put before it', () => {
    expect(callerAddress(request('6.6.6.6, 203.0.113.9'), 1)).to.equal('203.0.113.9')
    expect(callerAddress(request('6.6.6.6, 203.0.113.9, 10.0.0.2'), 2)).to.equal('203.0.113.9')
  })

  it('is the farthest known one where there are fewer proxies than trusted', () => {
    expect(callerAddress(request(null), 3)).to.equal('10.0.0.1')
    expect(callerAddress(request('203.0.113.9'), 3)).to.equal('203.0.113.9')
  })
})
