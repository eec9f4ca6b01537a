import { expect } from 'chai'
import { DEFAULT_RELAY_LIMITS, type RelayLimits } from './relay-limits.ts'
import { SessionGate } from './session-gate.ts'

describe('session gate', () => {
  let nowMs = 0
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const gateOf = (limits: Partial<RelayLimits>) =>
    new SessionGate({ ...DEFAULT_RELAY_LIMITS, ...limits }, clock)

  beforeEach(() => {
    nowMs = 0
  })

  it('bounds the sessions of an address, and lets another one in when one ended', () => {
    const gate = gateOf({ maxSessionsPerAddress: 2 })
    const leave = gate.enter('192.0.2.1')
    gate.enter('192.0.2.1')
    expect(gate.enter('192.0.2.1')).to.equal(429)
    expect(gate.enter('192.0.2.2')).to.be.a('function')
    ;(leave as () => void)()
    expect(gate.enter('192.0.2.1')).to.be.a('function')
  })

  it('counts an ended session once, however often that is said', () => {
    const gate = gateOf({ maxSessionsPerAddress: 2 })
    const leave = gate.enter('192.0.2.1') as () => void
    gate.enter('192.0.2.1')
    leave()
    leave()
    expect(gate.sessions).to.equal(1)
  })

  it('bounds all sessions together', () => {
    const gate = gateOf({ maxSessions: 2 })
    gate.enter('192.0.2.1')
    gate.enter('192.0.2.2')
    expect(gate.enter('192.0.2.3')).to.equal(503)
  })

  it('bounds how often an address comes back within a minute', () => {
    const gate = gateOf({ maxNewSessionsPerMinute: 2 })
    for (let visit = 0; visit < 2; visit++) (gate.enter('192.0.2.1') as () => void)()
    expect(gate.enter('192.0.2.1')).to.equal(429)
    nowMs = 60_000
    expect(gate.enter('192.0.2.1')).to.be.a('function')
  })

  for (const [one, other, isSame] of [
    ['2001:db8:1:2:3::4', '2001:db8:1:2:ffff:1:2:3', true],
    ['2001:db8::1', '2001:db8::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::ffff:192.0.2.1', '192.0.2.1', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
    ['fe80::1%eth0', 'fe80::2', true],
  ] as const) {
    it(`takes ${one} and ${other} for ${isSame ? 'one visitor' : 'two visitors'}`, () => {
      const gate = gateOf({ maxSessionsPerAddress: 1 })
      gate.enter(one)
      expect(gate.enter(other) === 429).to.equal(isSame)
    })
  }
})
