import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import { relayUrlOf } from './open-web-socket.ts'

describe('the address of a relay', () => {
  for (const [given, expected] of [
    ['https://gateway.example', 'wss://gateway.example/relay/1'],
    ['http://127.0.0.1:8080/', 'ws://127.0.0.1:8080/relay/1'],
    ['wss://shore.example/orlop/', 'wss://shore.example/orlop/relay/1'],
    ['ws://[::1]:9/', 'ws://[::1]:9/relay/1'],
  ] as const) {
    it(`of ${given} is ${expected}`, () => {
      expect(relayUrlOf(given)).to.equal(expected)
    })
  }

  for (const bad of ['', 'gateway.example', 'file:///etc/', '/ip4/127.0.0.1/tcp/1']) {
    it(`is not made of '${bad}'`, () => {
      expect(() => relayUrlOf(bad))
        .to.throw(OrlopError)
        .with.property('code', 'CONFIG_INVALID')
    })
  }
})
