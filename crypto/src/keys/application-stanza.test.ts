import { expect } from 'chai'

import { AuthenticationError, MalformedError } from '../errors.ts'
import type { Stanza } from '../format/stanza.ts'
import { expectError, withEachByteFlipped } from '../testing/expect-error.ts'
import { namedBytes } from '../testing/pattern.ts'
import {
  applicationKeyOf,
  unwrapWithApplicationKey,
  wrapForApplication,
} from './application-stanza.ts'

const dataKey = namedBytes('data key', 32)
const key = namedBytes('application key', 32)
const object = { objectId: namedBytes('object', 32), headerHash: namedBytes('header', 32) }
const name = { centreId: namedBytes('centre', 16), appId: 'stowage', keyId: 'plans', version: 2 }

describe('stanza for an application', () => {
  const stanza = wrapForApplication({ ...object, dataKey, key, name })
  const open = (changed: Partial<Stanza>, opening: object = {}) =>
    unwrapWithApplicationKey({
      ...{ ...object, key, stanza: { ...stanza, ...changed } },
      ...opening,
    })

  it('names its key, and gives the data key to whoever has that', () => {
    expect(applicationKeyOf(stanza)).to.deep.equal(name)
    expect(open({})).to.deep.equal(dataKey)
    expect(applicationKeyOf({ ...stanza, type: 1 })).to.equal(null)
  })

  it('says that it is damaged for every flipped byte of the wrapped key, hint and centre', () => {
    const [centre, appId, keyId, version] = stanza.args as [Uint8Array, Uint8Array, Uint8Array, 2]
    for (const [, wrapped] of withEachByteFlipped(stanza.wrapped)) {
      expectError(AuthenticationError, () => open({ wrapped }))
    }
    for (const [, hint] of withEachByteFlipped(stanza.hint)) {
      expectError(AuthenticationError, () => open({ hint }))
    }
    for (const [, flipped] of withEachByteFlipped(centre)) {
      expectError(AuthenticationError, () => open({ args: [flipped, appId, keyId, version] }))
    }
    expectError(AuthenticationError, () => open({ args: [centre, appId, keyId, 3] }))
    expectError(AuthenticationError, () => open({ args: [centre, keyId, appId, version] }))
  })

  it('is opened by no other key, and for no other object', () => {
    expectError(AuthenticationError, () => open({}, { key: namedBytes('another', 32) }))
    expectError(AuthenticationError, () => open({}, { headerHash: namedBytes('another', 32) }))
    expectError(AuthenticationError, () => open({}, { objectId: namedBytes('another', 32) }))
  })

  it('refuses arguments that are none', () => {
    const [centre, appId, keyId, version] = stanza.args as [Uint8Array, Uint8Array, Uint8Array, 2]
    const wrong: Stanza['args'][] = [
      [],
      [centre, appId, keyId],
      [centre, appId, keyId, version, 1],
      [centre.subarray(1), appId, keyId, version],
      [centre, new Uint8Array(0), keyId, version],
      [centre, appId, Uint8Array.of(0xff), version],
      [centre, appId, keyId, 0],
      [1, appId, keyId, version],
    ]
    for (const args of wrong) {
      expectError(MalformedError, () => applicationKeyOf({ ...stanza, args }))
    }
  })

  it('calls names that are none misuse', () => {
    for (const part of [{ appId: 'Stowage' }, { keyId: '' }, { version: 0 }, { appId: 'a/b' }]) {
      const request = { ...object, dataKey, key, name: { ...name, ...part } }
      expect(() => wrapForApplication(request)).to.throw(RangeError)
    }
  })
})
