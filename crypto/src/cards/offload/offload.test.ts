import { expect } from 'chai'

import { randomBytes } from '../../bytes.ts'
import { KeyMismatchError } from '../../errors.ts'
import { encodeHeader } from '../../format/header.ts'
import { commitHeader } from '../../keys/commitment.ts'
import { nodeBackend } from '../../backends/node-backend.ts'
import { encodeChunkBody, sealChunk } from '../../sealing/chunk.ts'
import { createSealingContext } from '../../sealing/sealing-context.ts'
import { expectRejection } from '../../testing/expect-error.ts'
import { namedBytes, patternBytes } from '../../testing/pattern.ts'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  controlSdfFixture,
  SDF_FIXTURE_NEEDS,
  SDF_FIXTURE_PIN,
} from '../../testing/sdf-fixture.ts'
import {
  makeSoftTokens,
  SOFT_TOKEN_PIN,
  softTokenLibrary,
  type SoftTokens,
} from '../../testing/soft-token.ts'
import { CardLostError, CardSelfTestError } from '../card-errors.ts'
import { openPkcs11Card } from '../pkcs11/open-pkcs11-card.ts'
import { openSdfCard } from '../sdf/open-sdf-card.ts'
import { openSoftwareCard } from '../software/open-software-card.ts'
import { CardSealer } from './card-sealer.ts'
import { mixedRandom } from './mixed-random.ts'
import { offloadConformance } from './offload.conformance.ts'

// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const SM4 = { 'sm4-ctr-hmac-sm3': ['sm4-ctr', 'hmac-sm3'] } as const
const pins = { 1: SDF_FIXTURE_PIN }

function headerOf(dataKey: Uint8Array): Uint8Array {
  const common = { k: 1, m: 1, stripeShareBytes: 65_536, chunkBytes: 65_536 }
  return encodeHeader(
    commitHeader(dataKey, {
      ...common,
      objectId: namedBytes('object', 32),
      suite: 'sm4-ctr-hmac-sm3',
      level: 1,
      chaosProfile: 'none',
      salt: namedBytes('salt', 32),
    }),
  )
}

offloadConformance('software', { ...SM4, 'aes-256-gcm': ['aes-256-gcm'] }, () => openSoftwareCard())

const GCM = { 'aes-256-gcm': ['aes-256-gcm'], 'sm4-gcm': ['sm4-gcm'] } as const
offloadConformance('with SM4-GCM of its own', { ...SM4, ...GCM }, async () => {
  const card = await openSoftwareCard()
  const info = card.info()
  card.info = () => ({ ...info, composed: [] })
  return card
})

const hasDevice = canBuildSdfFixture()
const ofDevice = hasDevice || decides ? describe : describe.skip

ofDevice(`offload to GM/T 0018${hasDevice ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`}`, () => {
  offloadConformance('sdf', SM4, async () =>
    openSdfCard({ library: await buildSdfFixture(), keyPair: 1, pins }),
  )

  offloadConformance('sdf without HMAC', { 'sm4-ctr-hmac-sm3': ['sm4-ctr'] }, async () =>
    openSdfCard({ library: await buildSdfFixture('WITHOUT_OPTIONAL'), keyPair: 1, pins }),
  )

  offloadConformance('sdf with AES but no GCM of its own', SM4, async () => {
    const library = await buildSdfFixture('FIXTURE_SANSEC')
    return openSdfCard({ library, profile: 'sansec', keyPair: 1, pins })
  })

  it('leaves no key behind on the device', async () => {
    const library = await buildSdfFixture()
    const device = controlSdfFixture(library)
    device.reset()
    const card = await openSdfCard({ library, keyPair: 1, pins })
    const dataKey = namedBytes('data key', 32)
    const before = device.count('liveKeys')
    const sealer = await CardSealer.open(card, { dataKey, headerBytes: headerOf(dataKey) })
    await sealer.seal({ chunkNumber: 0, isLast: true }, patternBytes(100))
    expect(device.count('liveKeys')).to.be.greaterThan(before)
    await sealer.dispose()
    expect(device.count('liveKeys')).to.equal(before)
    await card.close()
  })

  it('says that a device went away, and never seals with it again', async () => {
    const library = await buildSdfFixture()
    const device = controlSdfFixture(library)
    device.reset()
    const card = await openSdfCard({ library, keyPair: 1, pins })
    const dataKey = namedBytes('data key', 32)
    const sealer = await CardSealer.open(card, { dataKey, headerBytes: headerOf(dataKey) })
    await sealer.seal({ chunkNumber: 0, isLast: false }, patternBytes(100))
    device.unplug()
    const seal = () => sealer.seal({ chunkNumber: 1, isLast: true }, patternBytes(100))
    await expectRejection(CardLostError, seal)
    await sealer.dispose().catch(() => undefined)
    await card.close().catch(() => undefined)
    device.reset()
  })
})

const hasTokens = softTokenLibrary() !== null
const ofTokens = hasTokens || decides ? describe : describe.skip

ofTokens(`offload to PKCS #11${hasTokens ? '' : ' (needs: apt-get install softhsm2)'}`, () => {
  const configured = process.env['SOFTHSM2_CONF']
  let tokens: SoftTokens

  before(async () => {
    tokens = await makeSoftTokens('offload')
    process.env['SOFTHSM2_CONF'] = tokens.configuration
  })

  after(async () => {
    if (configured === undefined) delete process.env['SOFTHSM2_CONF']
    else process.env['SOFTHSM2_CONF'] = configured
    await tokens.remove()
  })

  offloadConformance('pkcs11', { 'aes-256-gcm': ['aes-256-gcm'] }, () =>
    openPkcs11Card({ library: tokens.library, token: 'offload', pin: SOFT_TOKEN_PIN }),
  )
})

describe('sealing an object by a card', () => {
  const dataKey = namedBytes('data key', 32)
  const headerBytes = headerOf(dataKey)

  it('gives the chunks of software', async () => {
    const card = await openSoftwareCard()
    const sealer = await CardSealer.open(card, { dataKey, headerBytes })
    const context = createSealingContext({ dataKey, headerBytes, backend: nodeBackend })
    for (const chunkNumber of [0, 1, 2]) {
      const position = { chunkNumber, isLast: chunkNumber === 2 }
      const chunk = { codec: 'stored', body: patternBytes(1000 + chunkNumber) } as const
      const message = encodeChunkBody(chunk, (bytes) => new Uint8Array(bytes))
      const sealed = await sealer.seal(position, message)
      expect(sealed).to.deep.equal(sealChunk(context, position, chunk))
    }
    await sealer.dispose()
    await card.close()
  })

  it('refuses the key of another object before the card gets any', async () => {
    const card = await openSoftwareCard()
    const request = { dataKey: namedBytes('other', 32), headerBytes }
    await expectRejection(KeyMismatchError, () => CardSealer.open(card, request))
    await card.close()
  })

  it('returns nothing of a card that seals the first chunk wrongly, whatever the others wait for', async () => {
    const card = await openSoftwareCard()
    const encrypt = card.encrypt.bind(card)
    card.encrypt = async (request) => {
      const result = await encrypt(request)
      result[7]! ^= 1
      return result
    }
    const sealer = await CardSealer.open(card, { dataKey, headerBytes })
    const seal = (chunkNumber: number) =>
      expectRejection(CardSelfTestError, () =>
        sealer.seal({ chunkNumber, isLast: false }, patternBytes(50)),
      )
    await Promise.all([seal(0), seal(1), seal(2)])
    await sealer.dispose()
    await card.close()
  })
})

describe('random bytes mixed with those of a card', () => {
  it('differ each time even from a card whose source is stuck', async () => {
    const stuck = { random: (length: number) => Promise.resolve(new Uint8Array(length)) }
    const [first, second] = [await mixedRandom(stuck, 32), await mixedRandom(stuck, 32)]
    expect(first).to.have.length(32)
    expect(first).not.to.deep.equal(second)
    expect(first).not.to.deep.equal(new Uint8Array(32))
  })

  it('take at least 32 bytes of the card, and wipe them', async () => {
    const given: Uint8Array[] = []
    const card = {
      random: (length: number) => {
        const bytes = new Uint8Array(randomBytes(length))
        given.push(bytes)
        return Promise.resolve(bytes)
      },
    }
    expect(await mixedRandom(card, 8)).to.have.length(8)
    expect(given).to.deep.equal([new Uint8Array(32)])
  })
})
