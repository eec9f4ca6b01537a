import { expect } from 'chai'
import fc from 'fast-check'

import { concat } from '../../bytes.ts'
import { expectError } from '../../testing/expect-error.ts'
import { namedBytes } from '../../testing/pattern.ts'
import { checkSdfProfile, SDF_PROFILES, type SdfProfileName } from './profile.ts'
import {
  decodeCipher,
  decodeDeviceInfo,
  decodePublicKey,
  decodeSignature,
  encodeCipher,
  encodePublicKey,
  encodeSignature,
} from './structures.ts'

const POINT = concat(Uint8Array.of(4), new Uint8Array(32).fill(0xaa), new Uint8Array(32).fill(0xbb))
const HASH = new Uint8Array(32).fill(0xcc)

/** Runs of equal bytes: how many of which, down to the last that is not zero. */
function runs(structure: Uint8Array): [number, number][] {
  const found: [number, number][] = []
  for (const byte of structure) {
    const last = found.at(-1)
    if (last?.[1] === byte) last[0]++
    else found.push([1, byte])
  }
  return found.slice(0, -1)
}

describe('structures of GM/T 0018', () => {
  it('are those of the standard: 132 bytes of public key, 128 of signature, 164 before the encrypted bytes', () => {
    const standard = SDF_PROFILES['gmt-0018']
    expect(runs(encodePublicKey(standard, POINT))).to.deep.equal([
      [1, 0],
      [1, 1],
      [34, 0],
      [32, 0xaa],
      [32, 0],
      [32, 0xbb],
    ])
    expect(runs(encodeSignature(standard, POINT.subarray(1)))).to.deep.equal([
      [32, 0],
      [32, 0xaa],
      [32, 0],
      [32, 0xbb],
    ])
    const sealed = concat(POINT, HASH, new Uint8Array(7).fill(0xdd))
    expect(runs(encodeCipher(standard, sealed))).to.deep.equal([
      [32, 0],
      [32, 0xaa],
      [32, 0],
      [32, 0xbb],
      [32, 0xcc],
      [1, 7],
      [3, 0],
      [7, 0xdd],
    ])
  })

  it('are those of Sansec’s header: 256 bits, the length first, the hash behind 136 bytes of room', () => {
    const { sansec } = SDF_PROFILES
    expect(runs(encodePublicKey(sansec, POINT))).to.deep.equal([
      [1, 0],
      [1, 1],
      [2, 0],
      [32, 0xaa],
      [32, 0xbb],
    ])
    const sealed = concat(POINT, HASH, new Uint8Array(7).fill(0xdd))
    expect(runs(encodeCipher(sansec, sealed))).to.deep.equal([
      [1, 7],
      [3, 0],
      [32, 0xaa],
      [32, 0xbb],
      [7, 0xdd],
      [129, 0],
      [32, 0xcc],
    ])
  })

  for (const name of Object.keys(SDF_PROFILES) as SdfProfileName[]) {
    const profile = SDF_PROFILES[name]

    it(`give back what was put into them: ${name}`, () => {
      const data = fc.uint8Array({ minLength: 1, maxLength: 136 })
      fc.assert(
        fc.property(data, fc.integer(), (encrypted, seed) => {
          const point = concat(Uint8Array.of(4), namedBytes(`point ${String(seed)}`, 64))
          const sealed = concat(point, namedBytes(`hash ${String(seed)}`, 32), encrypted)
          expect(decodeCipher(profile, encodeCipher(profile, sealed))).to.deep.equal(sealed)
          expect(decodePublicKey(profile, encodePublicKey(profile, point))).to.deep.equal(point)
          const signature = point.slice(1)
          const there = encodeSignature(profile, signature)
          expect(decodeSignature(profile, there)).to.deep.equal(signature)
        }),
      )
    })

    it(`do not read past their room, whatever length a device writes: ${name}`, () => {
      const structure = encodeCipher(profile, concat(POINT, HASH, Uint8Array.of(1)))
      const at = profile.cipherFields[0] === 'L' ? 0 : 160
      for (const length of [0, 137, 0x7fff_ffff, 0xffff_ffff]) {
        new DataView(structure.buffer).setUint32(at, length, true)
        expect(decodeCipher(profile, structure), String(length)).to.equal(null)
      }
    })
  }

  it('tell of the device in clean texts', () => {
    const info = new Uint8Array(100)
    info.set(Buffer.from('A vendor \x1b[31m of cards', 'latin1'), 0)
    info.fill('x'.charCodeAt(0), 40, 56)
    info.set(Buffer.from('2026112200100042'), 56)
    new DataView(info.buffer).setUint32(72, 0x102, true)
    expect(decodeDeviceInfo(info)).to.deep.equal({
      issuer: 'A vendor ?[31m of cards',
      device: 'x'.repeat(16),
      serial: '2026112200100042',
      version: '102',
    })
  })

  it('refuse a profile that cannot be, and say which part', () => {
    const standard = SDF_PROFILES['gmt-0018']
    const wrong = [
      [{ eccBits: 384 as 256 }, 'eccBits'],
      [{ cipherFields: ['x', 'y', 'M', 'L'] as const }, 'cipherFields'],
      [{ cipherFields: ['x', 'y', 'M', 'L', 'L'] as const }, 'cipherFields'],
      [{ cipherRoomBytes: 135 }, 'cipherRoomBytes'],
      [{ callBytes: 0 }, 'callBytes'],
      [{ callBytes: 1000 }, 'callBytes'],
      [{ numbers: { sm3: 0 } }, 'number'],
      [{ lostStatuses: [2 ** 32] }, 'number'],
    ] as const
    for (const [change, part] of wrong) {
      const error = expectError(RangeError, () => checkSdfProfile({ ...standard, ...change }))
      expect(error.message, JSON.stringify(change)).to.contain(part)
    }
  })
})
