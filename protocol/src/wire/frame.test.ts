import { expect } from 'chai'
import fc from 'fast-check'
import * as z from 'zod'
import { encodeCbor } from '@orlop/crypto/format/cbor'
import { isOrlopError, OrlopError, RemoteError } from '../errors.ts'
import { MAX_FRAME_BYTES } from '../limits.ts'
import { commitEvent, commitRequest } from './commit.ts'
import { envelopeGetAnswer, envelopePutAnswer, envelopeRequest } from './envelope.ts'
import { fetchDownstream, fetchHead, fetchRequest } from './fetch.ts'
import { decodeFrame, encodeErrorFrame, encodeFrame } from './frame.ts'
import { helloFrame } from './hello.ts'
import { offerAnswer, offerRequest } from './offer.ts'
import { relayRequest } from './relay.ts'
import { removeRequest } from './remove.ts'
import { reserveAnswer, spreadRequest } from './spread.ts'
import { nodeStatus, objectStatus, statusRequest } from './status.ts'
import { storeDownstream, storeRequest, storeUpstream } from './store.ts'

const schemas: Record<string, z.ZodType> = {
  commitEvent,
  commitRequest,
  envelopeGetAnswer,
  envelopePutAnswer,
  envelopeRequest,
  fetchDownstream,
  fetchHead,
  fetchRequest,
  helloFrame,
  nodeStatus,
  objectStatus,
  offerAnswer,
  offerRequest,
  relayRequest,
  removeRequest,
  reserveAnswer,
  spreadRequest,
  statusRequest,
  storeDownstream,
  storeRequest,
  storeUpstream,
}
const point = z.strictObject({ x: z.int(), label: z.string() })

describe('wire frames', () => {
  it('come back as they were sent', () => {
    expect(decodeFrame(point, encodeFrame({ x: 5, label: 'Åland' }))).to.deep.equal({
      x: 5,
      label: 'Åland',
    })
  })

  it('are refused by name and field when they are of another form', () => {
    expect(() => decodeFrame(point, encodeFrame({ x: 'five', label: '' })))
      .to.throw(OrlopError, /at x/)
      .with.property('code', 'MALFORMED_MESSAGE')
  })

  it('are refused when they carry a field nobody knows', () => {
    expect(() => decodeFrame(point, encodeFrame({ x: 1, label: '', extra: true }))).to.throw(
      OrlopError,
      /extra/,
    )
  })

  it('are refused above the size limit, both ways', () => {
    const big = { data: new Uint8Array(MAX_FRAME_BYTES) }
    expect(() => encodeFrame(big))
      .to.throw()
      .with.property('code', 'MESSAGE_TOO_LARGE')
    expect(() => decodeFrame(point, encodeCbor(big)))
      .to.throw()
      .with.property('code', 'MESSAGE_TOO_LARGE')
  })

  it('refuse random bytes with a typed error, whatever the message', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(...Object.keys(schemas)),
        (bytes, name) => {
          try {
            decodeFrame(schemas[name]!, bytes)
            return false
          } catch (error) {
            return isOrlopError(error, 'MALFORMED_MESSAGE')
          }
        },
      ),
    )
  })

  it('refuse random CBOR values with a typed error, whatever the message', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.integer(),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom('objectId', 'clientId', 'offer', 'data', 'get', 'node'),
          tie('value'),
          { maxKeys: 3 },
        ),
      ),
    }))
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), value, { maxKeys: 3 }),
        fc.constantFrom(...Object.keys(schemas)),
        (object, name) => {
          try {
            const decoded = decodeFrame(schemas[name]!, encodeFrame({ ...object }))
            return schemas[name]!.safeParse(decoded).success
          } catch (error) {
            return isOrlopError(error, 'MALFORMED_MESSAGE')
          }
        },
      ),
    )
  })

  it('carry a peer’s typed failure across', () => {
    const frame = encodeErrorFrame(
      new OrlopError('DISK_FULL', 'The disk of A03 is full. Ask another.', {
        details: { nodeId: 3 },
      }),
    )
    expect(() => decodeFrame(point, frame, 3))
      .to.throw(RemoteError, 'The disk of A03 is full. Ask another.')
      .that.includes({ code: 'DISK_FULL', nodeId: 3 })
  })

  it('never carry the text of an unexpected failure, which could hold secrets', () => {
    const frame = encodeErrorFrame(new Error('key 0xdeadbeef leaked'))
    expect(new TextDecoder().decode(frame)).to.not.contain('deadbeef')
    expect(() => decodeFrame(point, frame))
      .to.throw()
      .with.property('code', 'INTERNAL')
  })
})
