import { expect } from 'chai'
import fc from 'fast-check'
import { concat } from '@orlop/crypto/bytes'
import { OrlopError } from '@orlop/protocol/errors'
import { MAX_FRAME_BYTES } from '@orlop/protocol/limits'
import { FrameDecoder, framePrefix } from './frame-codec.ts'

describe('frame codec', () => {
  it('writes lengths as unsigned varints', () => {
    expect([...framePrefix(0)]).to.deep.equal([0])
    expect([...framePrefix(127)]).to.deep.equal([127])
    expect([...framePrefix(300)]).to.deep.equal([0xac, 0x02])
    expect([...framePrefix(16_384)]).to.deep.equal([0x80, 0x80, 1])
  })

  it('finds every frame again however the stream was cut into pieces', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 })
    const pieces = fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(frames, pieces, (sent, sizes) => {
        const stream = concat(...sent.flatMap((frame) => [framePrefix(frame.length), frame]))
        const decoder = new FrameDecoder()
        const got: Uint8Array[] = []
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const size = sizes[turn % sizes.length]!
          decoder.push(stream.subarray(at, at + size))
          at += size
          for (let frame = decoder.next(); frame !== null; frame = decoder.next()) got.push(frame)
        }
        expect(got.map((frame) => [...frame])).to.deep.equal(sent.map((frame) => [...frame]))
        expect(decoder.pendingBytes).to.equal(0)
      }),
    )
  })

  it('gives frames or a typed error for any bytes, and holds no more than it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const decoder = new FrameDecoder()
        try {
          decoder.push(bytes)
          let taken = 0
          for (let frame = decoder.next(); frame !== null; frame = decoder.next()) {
            taken += frame.length
          }
          expect(taken + decoder.pendingBytes).to.be.at.most(bytes.length)
        } catch (error) {
          expect(error).to.be.instanceOf(OrlopError)
          expect((error as OrlopError).code).to.be.oneOf(['MESSAGE_TOO_LARGE', 'MALFORMED_MESSAGE'])
        }
      }),
    )
  })

  it('refuses a declared length above the limit before any of its bytes arrive', () => {
    const length = MAX_FRAME_BYTES + 1
    const prefix = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]
    expect(() => {
      new FrameDecoder().push(Uint8Array.from(prefix))
    })
      .to.throw(OrlopError)
      .with.property('code', 'MESSAGE_TOO_LARGE')
  })

  it('refuses lengths of four bytes and lengths not written shortest', () => {
    for (const prefix of [
      [0x80, 0x80, 0x80],
      [0x85, 0x00],
    ]) {
      expect(() => {
        new FrameDecoder().push(Uint8Array.from(prefix))
      })
        .to.throw(OrlopError)
        .with.property('code', 'MALFORMED_MESSAGE')
    }
  })

  it('refuses to send a frame above the limit', () => {
    expect(() => framePrefix(MAX_FRAME_BYTES + 1))
      .to.throw(OrlopError)
      .with.property('code', 'MESSAGE_TOO_LARGE')
  })
})
