import { ackType, commitType } from '@orlop/protocol/messages/storing'
import {
  envelopeUpdateType,
  extendType,
  moveType,
  ratingType,
  removeType,
} from '@orlop/protocol/messages/keeping'
import { registerClientType, rotateSignerType } from '@orlop/protocol/messages/identity'
import { expect } from 'chai'
import { TYPE_STRINGS, encoderOf, type MessageName } from './support/messages.ts'

const PROTOCOL = {
  Commit: commitType,
  Ack: ackType,
  Extend: extendType,
  Remove: removeType,
  Move: moveType,
  EnvelopeUpdate: envelopeUpdateType,
  Rating: ratingType,
  RegisterClient: registerClientType,
  RotateSigner: rotateSignerType,
}

describe('EIP-712 types', () => {
  for (const name of Object.keys(PROTOCOL) as MessageName[]) {
    it(`${name} has one type string in the design, in protocol and in these tests`, () => {
      expect(encoderOf(name).encodeType(name)).to.equal(TYPE_STRINGS[name])
      expect(PROTOCOL[name].encoder.encodeType(name)).to.equal(TYPE_STRINGS[name])
    })
  }
})
