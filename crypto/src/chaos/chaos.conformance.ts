import { createHash } from 'node:crypto'

import { expect } from 'chai'
import fc from 'fast-check'

import { encodeHex } from '../bytes.ts'
import type { ChaosEngine, ChaosProfile } from './engine.ts'

interface Vector {
  profile: ChaosProfile
  chunkNumber: number
  lengthBytes: number
  sha256: string
}

const KEY = Uint8Array.from({ length: 32 }, (_, index) => index)
const PROFILES: ChaosProfile[] = ['wide', 'paper']

/** Around the ends of a word, a vector, a block, a pair of blocks and the WebAssembly window. */
const EDGE_LENGTHS = [
  0, 1, 3, 4, 5, 15, 16, 17, 4095, 4096, 4097, 8191, 8192, 8193, 65_535, 65_536, 65_537, 100_000,
]

/** The definition's vectors (`docs/chaotic-cipher.md`), key 00 01 … 1f. */
const VECTORS: Vector[] = [
  {
    profile: 'wide',
    chunkNumber: 0,
    lengthBytes: 48,
    sha256: '0cb73757b667cbc651d7a41cb79630b5152391c9bf62a0f66690bc9fa74a95ff',
  },
  {
    profile: 'wide',
    chunkNumber: 0,
    lengthBytes: 100_000,
    sha256: 'b529b85ce26b76af14828efd3d6c5f12f72b187d93f0ccdba5a8c27298910ff7',
  },
  {
    profile: 'wide',
    chunkNumber: 7,
    lengthBytes: 65_537,
    sha256: '75afa2e7d044ac1f8bbd456a8743f4f45ad1a5b441bd97907239215ecb3b62e4',
  },
  {
    profile: 'paper',
    chunkNumber: 0,
    lengthBytes: 48,
    sha256: 'b75ac560e2bb9b346ec2f00e88317942f605e9499ab3b179a541e4dc52441399',
  },
  {
    profile: 'paper',
    chunkNumber: 0,
    lengthBytes: 100_000,
    sha256: 'ca4c0c6f017524cb1f35b6026dd1d0a6795e9170412ba9b842b044c465738977',
  },
  {
    profile: 'paper',
    chunkNumber: 7,
    lengthBytes: 65_537,
    sha256: '0ff942e373100ed3f7f3f7ad75ece4a7e444b705966f39b5b318b818088457a0',
  },
]

const FIRST_48_BYTES: Record<ChaosProfile, string> = {
  wide: 'b19cedc5abc01c4495383c6a6d68a4e9df2e722a339b4bae29171c98c97c1e5b8d5aa8f5209773227a274c28a8d715f9',
  paper:
    '68571189452c0e365591f128c292e72979ad8e4ddef18ab0d409d1c5c836241a1d01dacd52a2e779365af01c84f420da',
}

/** What every engine of the hybrid chaotic cipher must do. */
export function chaosEngineConformance(name: string, setup: () => ChaosEngine): void {
  describe(`chaos engine ${name}`, () => {
    const engine = setup()
    const keystream = (
      profile: ChaosProfile,
      lengthBytes: number,
      chunkNumber = 0,
      key = KEY,
    ): Uint8Array => {
      const data = new Uint8Array(lengthBytes)
      engine.xorKeystream(key, profile, chunkNumber, data)
      return data
    }

    vectorTests(keystream)

    for (const profile of PROFILES) {
      it(`starts every length with the same keystream and touches no other byte: ${profile}`, () => {
        const longest = keystream(profile, Math.max(...EDGE_LENGTHS))
        for (const lengthBytes of EDGE_LENGTHS) {
          const around = new Uint8Array(lengthBytes + 32)
          engine.xorKeystream(KEY, profile, 0, around.subarray(16, 16 + lengthBytes))
          const expected = new Uint8Array(lengthBytes + 32)
          expected.set(longest.subarray(0, lengthBytes), 16)
          expect(Buffer.compare(around, expected), `${String(lengthBytes)} bytes`).to.equal(0)
        }
      })

      it(`gives back the data when applied twice: ${profile}`, () => {
        fc.assert(
          fc.property(fc.uint8Array({ maxLength: 10_000 }), (data) => {
            const twice = Uint8Array.from(data)
            engine.xorKeystream(KEY, profile, 3, twice)
            engine.xorKeystream(KEY, profile, 3, twice)
            return Buffer.compare(twice, data) === 0
          }),
          { numRuns: 25 },
        )
      })

      it(`gives every chunk number and every key a keystream of its own: ${profile}`, () => {
        const otherKey = Uint8Array.from(KEY)
        otherKey[31]! ^= 1
        const streams = [0, 1, 256, 0xffffffff].map((number) => keystream(profile, 64, number))
        streams.push(keystream(profile, 64, 0, otherKey))
        expect(new Set(streams.map(encodeHex)).size).to.equal(streams.length)
      })
    }

    it('gives the two profiles different keystreams', () => {
      expect(keystream('wide', 64)).to.not.deep.equal(keystream('paper', 64))
    })

    it('leaves the key as it was', () => {
      const key = Uint8Array.from(KEY)
      keystream('wide', 5000, 0, key)
      expect(key).to.deep.equal(KEY)
    })

    misuseTests(engine)
  })
}

function vectorTests(keystream: (...args: [ChaosProfile, number, number]) => Uint8Array): void {
  for (const { profile, chunkNumber, lengthBytes, sha256 } of VECTORS) {
    it(`gives the vector ${profile}, chunk ${chunkNumber}, ${lengthBytes} bytes`, () => {
      const digest = createHash('sha256').update(keystream(profile, lengthBytes, chunkNumber))
      expect(digest.digest('hex')).to.equal(sha256)
    })
  }

  for (const profile of PROFILES) {
    it(`starts chunk 0 with the 48 bytes of the definition: ${profile}`, () => {
      expect(encodeHex(keystream(profile, 48, 0))).to.equal(FIRST_48_BYTES[profile])
    })
  }
}

function misuseTests(engine: ChaosEngine): void {
  const data = new Uint8Array(8)

  it('refuses a key that is not 32 bytes', () => {
    for (const length of [0, 31, 33]) {
      expect(() => {
        engine.xorKeystream(new Uint8Array(length), 'wide', 0, data)
      }).to.throw(RangeError, 'chaosKey')
    }
  })

  it('refuses a chunk number that is not a uint32', () => {
    for (const chunkNumber of [-1, 2 ** 32]) {
      expect(() => {
        engine.xorKeystream(KEY, 'wide', chunkNumber, data)
      }).to.throw(RangeError, '4294967295')
    }
    for (const chunkNumber of [0.5, NaN]) {
      expect(() => {
        engine.xorKeystream(KEY, 'wide', chunkNumber, data)
      }).to.throw(TypeError, 'safe integer')
    }
  })

  it('refuses a profile that has no keystream', () => {
    for (const profile of ['none', 'wien', 'toString'] as unknown as ChaosProfile[]) {
      expect(() => {
        engine.xorKeystream(KEY, profile, 0, data)
      }).to.throw(TypeError, 'profile')
    }
  })

  it('refuses data that is not a Uint8Array', () => {
    expect(() => {
      engine.xorKeystream(KEY, 'wide', 0, [1, 2, 3] as unknown as Uint8Array)
    }).to.throw(TypeError, 'data')
  })

  it('leaves the data as it was when it refuses', () => {
    const untouched = Uint8Array.of(1, 2, 3)
    expect(() => {
      engine.xorKeystream(new Uint8Array(31), 'wide', 0, untouched)
    }).to.throw()
    expect([...untouched]).to.deep.equal([1, 2, 3])
  })
}
