import { expect } from 'chai'
import { OrlopError } from '@orlop/protocol/errors'
import { helloType } from '@orlop/protocol/messages/identity'
import { signMessage } from '@orlop/protocol/typed-message'
import { encodeErrorFrame, encodeFrame } from '@orlop/protocol/wire/frame'
import { checkHello, createHello, type HelloParties } from './hello.ts'
import { peerIdOf } from './libp2p-identity.ts'
import { hashPeerId } from './peer-id-hash.ts'
import { accountOf, seedOf, selfOf, TEST_DEPLOYMENT } from './test-parties.ts'

const SOFTWARE = { software: 'test/1' }

describe('hello', () => {
  let here: HelloParties
  let there: HelloParties

  before(async () => {
    const [one, two] = await Promise.all([peerIdOf(seedOf('one')), peerIdOf(seedOf('two'))])
    here = { localPeerId: one, remotePeerId: two, nowMs: 1_000_000 }
    there = { localPeerId: two, remotePeerId: one, nowMs: 1_002_500 }
  })

  const check = (frame: Uint8Array, parties = here) =>
    checkHello({ frame, parties, deployment: TEST_DEPLOYMENT, direction: 'inbound' }).claims
  const codeOf = (frame: Uint8Array, parties = here): string => {
    try {
      check(frame, parties)
    } catch (error) {
      if (error instanceof OrlopError) return error.code
      throw error
    }
    return 'accepted'
  }

  it('says who signed, and how far the clocks are apart', () => {
    const frame = createHello(selfOf('ship', 'client', 3), there, SOFTWARE)
    expect(check(frame)).to.deep.equal({
      role: 'client',
      id: 3,
      account: accountOf('ship'),
      peerId: here.remotePeerId,
      clockSkewMs: 2_500,
      direction: 'inbound',
    })
  })

  it('cannot be passed on to another connection', async () => {
    const frame = createHello(selfOf('ship', 'client', 3), there, SOFTWARE)
    const third = await peerIdOf(seedOf('three'))
    expect(codeOf(frame, { ...here, localPeerId: third })).to.equal('SIGNATURE_INVALID')
    expect(codeOf(frame, { ...here, remotePeerId: third })).to.equal('SIGNATURE_INVALID')
  })

  it('shows another account when a field was changed after signing', () => {
    const self = selfOf('ship', 'client', 3)
    const message = {
      role: 1,
      id: 3,
      peerIdHash: hashPeerId(there.localPeerId),
      remotePeerIdHash: hashPeerId(there.remotePeerId),
      timeMs: there.nowMs,
    }
    const signed = signMessage(helloType, TEST_DEPLOYMENT, message, self.signingKey)
    const forged = { message: { ...message, id: 4 }, signature: signed.signature }
    const frame = encodeFrame({ hello: forged, deployment: TEST_DEPLOYMENT, software: 'test/1' })
    expect(check(frame).account).to.not.equal(accountOf('ship'))
  })

  it('refuses roles and ids that do not belong together', () => {
    expect(codeOf(createHello(selfOf('a', 'guest', 5), there, SOFTWARE))).to.equal(
      'MALFORMED_MESSAGE',
    )
    expect(codeOf(createHello(selfOf('a', 'client', 0), there, SOFTWARE))).to.equal(
      'MALFORMED_MESSAGE',
    )
  })

  it('refuses another ledger by name', () => {
    const self = selfOf('ship', 'client', 3)
    const other = {
      ...self,
      deployment: { ...TEST_DEPLOYMENT, credit: `0x${'4'.repeat(40)}` },
    }
    expect(codeOf(createHello(other, there, SOFTWARE))).to.equal('LEDGER_MISMATCH')
  })

  it('takes the same contracts written in another case for the same', () => {
    const upper = { ...TEST_DEPLOYMENT, registry: '0xABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD' }
    const lower = { ...upper, registry: upper.registry.toLowerCase() }
    const frame = createHello(
      { ...selfOf('ship', 'client', 3), deployment: lower },
      there,
      SOFTWARE,
    )
    const { claims } = checkHello({ frame, parties: here, deployment: upper, direction: 'inbound' })
    expect(claims.account).to.equal(accountOf('ship'))
  })

  it('carries the other side’s refusal', () => {
    const refusal = encodeErrorFrame(new OrlopError('NOT_ADMITTED', 'Not you.'))
    expect(codeOf(refusal)).to.equal('NOT_ADMITTED')
  })

  it('refuses anything that is no hello', () => {
    expect(codeOf(encodeFrame({ hello: 1 }))).to.equal('MALFORMED_MESSAGE')
    expect(codeOf(new Uint8Array([0xff, 0x00]))).to.equal('MALFORMED_MESSAGE')
  })
})
