import { expect } from 'chai'
import fc from 'fast-check'
import type { CryptoCard } from '@orlop/crypto/cards/card'
import { CardFailureError, CardLostError } from '@orlop/crypto/cards/card-errors'
import { OFFLOAD_MIN_BYTES } from '@orlop/crypto/cards/offload/min-bytes'
import { openSoftwareCard } from '@orlop/crypto/cards/software/open-software-card'
import type { SuiteName } from '@orlop/crypto/format/header'
import { isOrlopError } from '@orlop/protocol/errors'
import { type ClientEvent, ClientEvents } from '../events.ts'
import type { Crews } from '../pipeline/crews.ts'
import { InlineCrew } from '../pipeline/inline-crew.ts'
import { sealPipeline } from '../pipeline/seal-pipeline.ts'
import { streamSource } from '../pipeline/stream-source.ts'
import { ThreadCrew } from '../pipeline/thread-crew.ts'
import {
  MemorySink,
  noise,
  TEST_CHUNK_BYTES,
  testKeys,
  type TestKeysOptions,
} from '../testkit/sealed-object.ts'
import { withoutSharedMemory } from '../testkit/without-shared-memory.ts'
import { CardOffload } from './card-offload.ts'
import type { CardPolicy } from './card-policy.ts'
import { type CardPart, describeSealing } from './describe-sealing.ts'

const SUITES: readonly SuiteName[] = ['aes-256-gcm', 'sm4-ctr-hmac-sm3']
const ZSTD = { codec: 'zstd', level: 1 } as const
const NAME = 'orlop:test'

/** Counts the keys on a card, and lets its ciphers fail when told to. */
function watch(card: CryptoCard) {
  const state = { keys: 0, calls: 0, failsFrom: Infinity }
  const importKey = card.importKey.bind(card)
  const destroyKey = card.destroyKey.bind(card)
  const encrypt = card.encrypt.bind(card)
  card.importKey = async (request) => {
    const key = await importKey(request)
    state.keys += 1
    return key
  }
  card.destroyKey = async (key) => {
    state.keys -= 1
    await destroyKey(key)
  }
  card.encrypt = (request) => {
    state.calls += 1
    if (state.calls < state.failsFrom) return encrypt(request)
    return Promise.reject(new CardLostError(card.info().name, 'it went away'))
  }
  return state
}

describe('sealing with a card', () => {
  const threads = new ThreadCrew({ threads: 2 })
  const crews = { inline: new InlineCrew(), threads }
  const events = new ClientEvents()
  let told: ClientEvent[] = []
  let card: CryptoCard
  let spare: CryptoCard
  let state: ReturnType<typeof watch>
  let spareState: ReturnType<typeof watch>

  events.listen((event) => told.push(event))

  beforeEach(async () => {
    card = await openSoftwareCard({ name: 'vault' })
    state = watch(card)
    spare = await openSoftwareCard({ name: 'spare' })
    spareState = watch(spare)
    told = []
  })

  afterEach(() => Promise.all([card.close(), spare.close()]))

  after(() => threads.stop())

  async function seal(data: Uint8Array, keys: TestKeysOptions, by: Crews) {
    const sink = new MemorySink()
    const source = streamSource([data])
    const request = { ...testKeys(keys), source, compression: ZSTD, sink, crews: by }
    const summary = await sealPipeline(request)
    return { summary, bytes: sink.bytes }
  }

  interface BeginOptions {
    policy?: CardPolicy
    /** Null for what was measured. */
    minBytes?: number | null
    cards?: CryptoCard[]
  }

  function begin(suite: SuiteName, options: BeginOptions = {}) {
    const { policy = 'preferred', minBytes = 0, cards = [card] } = options
    const least = minBytes === null ? {} : { minBytes }
    const offload = new CardOffload(
      cards.map((one) => ({ card: one, ...least })),
      policy,
    )
    const request = { objectName: NAME, suite, policy }
    return { offload, sealing: offload.begin({ crews, events }, request) }
  }

  function byteEquality(): void {
    for (const suite of SUITES) {
      it(`${suite}: gives the bytes and facts of software, whatever size, level and content`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.oneof(
              fc.constantFrom(0, 1, TEST_CHUNK_BYTES - 1, TEST_CHUNK_BYTES, TEST_CHUNK_BYTES + 1),
              fc.nat(5 * TEST_CHUNK_BYTES),
            ),
            fc.constantFrom(1 as const, 2 as const),
            fc.boolean(),
            async (lengthBytes, level, isNoise) => {
              const data = isNoise ? noise(lengthBytes) : new Uint8Array(lengthBytes).fill(7)
              const { sealing } = begin(suite)
              const byCard = await seal(data, { suite, level }, sealing)
              const bySoftware = await seal(data, { suite, level }, crews)
              expect(Buffer.compare(byCard.bytes, bySoftware.bytes)).to.equal(0)
              expect(byCard.summary).to.deep.equal(bySoftware.summary)
              expect(sealing.describe()).to.match(/^card vault \(software\): /)
            },
          ),
          { numRuns: 25 },
        )
        expect(state.keys).to.equal(0)
      })
    }
  }

  byteEquality()

  describe('where memory cannot be shared', () => {
    withoutSharedMemory()
    byteEquality()
  })

  it('goes on in software when the card goes away, with the same bytes, and tells so once', async () => {
    const data = noise(6 * TEST_CHUNK_BYTES)
    state.failsFrom = 3
    const { sealing } = begin('aes-256-gcm')
    const { bytes } = await seal(data, {}, sealing)
    const bySoftware = await seal(data, {}, crews)
    expect(Buffer.compare(bytes, bySoftware.bytes)).to.equal(0)
    expect(sealing.describe()).to.equal(
      'card vault (software): aes-256-gcm; 2 of 6 chunks, the others by software (CARD_LOST)',
    )
    const reason = 'card vault: it went away'
    const lost = { card: 'vault', code: 'CARD_LOST', reason, next: null }
    expect(told).to.deep.equal([{ type: 'card-lost', objectName: NAME, ...lost }])
    expect(state.keys).to.equal(0)
  })

  it('goes on with the next card when one goes away, and in software when that does too', async () => {
    const data = noise(6 * TEST_CHUNK_BYTES)
    const bySoftware = await seal(data, {}, crews)
    state.failsFrom = 3
    const { offload, sealing } = begin('aes-256-gcm', { policy: 'required', cards: [card, spare] })
    const { bytes } = await seal(data, {}, sealing)
    expect(Buffer.compare(bytes, bySoftware.bytes)).to.equal(0)
    expect(sealing.describe()).to.equal('cards vault (2), spare (4) of 6 chunks')
    expect(told).to.have.length(1)
    expect(told[0]).to.include({ card: 'vault', next: 'spare' })
    expect([state.keys, spareState.keys]).to.deep.equal([0, 0])

    // The next object is the spare's from the start.
    spareState.failsFrom = spareState.calls + 2
    const next = offload.begin(
      { crews, events },
      { objectName: NAME, suite: 'aes-256-gcm', policy: 'preferred' },
    )
    const again = await seal(data, {}, next)
    expect(Buffer.compare(again.bytes, bySoftware.bytes)).to.equal(0)
    expect(next.describe()).to.equal(
      'card spare (software): aes-256-gcm; 1 of 6 chunks, the others by software (CARD_LOST)',
    )
    expect(told[1]).to.include({ card: 'spare', next: null })
    expect(() => offload.assertCan('aes-256-gcm')).to.throw('vault, spare')
  })

  it('asks a card that has the suite before one that has not', async () => {
    const info = card.info()
    card.info = () => ({ ...info, algorithms: ['sm3'] })
    const { sealing } = begin('aes-256-gcm', { policy: 'required', cards: [card, spare] })
    await seal(noise(10), {}, sealing)
    expect(sealing.describe()).to.equal('card spare (software): aes-256-gcm')
  })

  it('says software when the card took no key at all', async () => {
    card.importKey = () => {
      const failure = { operation: 'C_CreateObject', status: 0x31 }
      return Promise.reject(new CardFailureError('vault', failure, 'it is full'))
    }
    const { sealing } = begin('sm4-ctr-hmac-sm3')
    await seal(noise(100), { suite: 'sm4-ctr-hmac-sm3' }, sealing)
    expect(sealing.describe()).to.equal('software (CARD_FAILED)')
    expect(told).to.have.length(1)
  })

  it('stops with a typed error where the card is required, and seals nothing by software', async () => {
    state.failsFrom = 2
    const { sealing } = begin('aes-256-gcm', { policy: 'required' })
    const error = await seal(noise(4 * TEST_CHUNK_BYTES), {}, sealing).catch(
      (thrown: unknown) => thrown,
    )
    expect(isOrlopError(error, 'CARD_UNAVAILABLE')).to.equal(true)
    expect(error).to.have.property('message').that.includes('vault').and.includes('it went away')
    expect(error).to.have.deep.property('details', { card: 'vault' })
    expect(sealing.describe()).not.to.include('by software')
    expect(state.keys).to.equal(0)
    expect(told).to.deep.equal([])
  })

  it('is not asked again where it is required and went away: the next object is not even begun', async () => {
    state.failsFrom = 1
    const { offload, sealing } = begin('aes-256-gcm', { policy: 'required' })
    offload.assertCan('aes-256-gcm')
    await seal(noise(10), {}, sealing).catch(() => undefined)
    expect(() => offload.assertCan('aes-256-gcm'))
      .to.throw('went away')
      .with.property('code', 'CARD_UNAVAILABLE')
  })

  it('notices a card that seals wrongly at the first chunk', async () => {
    const encrypt = card.encrypt.bind(card)
    card.encrypt = async (request) => {
      const sealed = await encrypt(request)
      sealed[0]! ^= 1
      return sealed
    }
    const data = noise(3 * TEST_CHUNK_BYTES)
    const { sealing } = begin('aes-256-gcm')
    const { bytes } = await seal(data, {}, sealing)
    expect(Buffer.compare(bytes, (await seal(data, {}, crews)).bytes)).to.equal(0)
    expect(sealing.describe()).to.equal('software (CARD_SELF_TEST)')
  })

  it('leaves short chunks to software, unless the card is required', async () => {
    const data = noise(TEST_CHUNK_BYTES + 10)
    const { sealing } = begin('aes-256-gcm', { minBytes: 11 })
    await seal(data, {}, sealing)
    expect(sealing.describe()).to.equal(
      'card vault (software): aes-256-gcm; 1 of 2 chunks, the others by software',
    )
    const required = begin('aes-256-gcm', { policy: 'required', minBytes: 11 }).sealing
    await seal(data, {}, required)
    expect(required.describe()).to.equal('card vault (software): aes-256-gcm')
    const measured = begin('aes-256-gcm', { minBytes: null }).sealing
    expect(measured.takes(OFFLOAD_MIN_BYTES['aes-256-gcm'])).to.equal(true)
    expect(measured.takes(OFFLOAD_MIN_BYTES['aes-256-gcm'] - 1)).to.equal(false)
  })

  it('leaves suites that no card has to software, and refuses them where the card is required', async () => {
    const suite = 'xchacha20-poly1305'
    const { sealing } = begin(suite)
    await seal(noise(10), { suite }, sealing)
    expect(sealing.describe()).to.equal('software')
    expect(told).to.deep.equal([])
    expect(() => begin(suite, { policy: 'required' }))
      .to.throw('xchacha20-poly1305')
      .with.property('code', 'CARD_UNAVAILABLE')
  })

  it('takes random bytes of the system alone when the card gives none, and tells so', async () => {
    card.random = () => Promise.reject(new CardLostError('vault', 'it went away'))
    const { sealing } = begin('aes-256-gcm')
    expect(await sealing.random(32)).to.have.length(32)
    expect(told.map(({ type }) => type)).to.deep.equal(['card-lost'])
    const strict = begin('aes-256-gcm', { policy: 'required' })
    const error = await strict.sealing.random(32).catch((thrown: unknown) => thrown)
    expect(isOrlopError(error, 'CARD_UNAVAILABLE')).to.equal(true)
  })

  it('describes cards in few words, with no sign that the path itself is made of', async () => {
    await card.close()
    card = await openSoftwareCard({ name: `a > b\n${'x'.repeat(100)}` })
    const { sealing } = begin('aes-256-gcm')
    await seal(noise(10), {}, sealing)
    expect(sealing.describe()).to.match(/^card a \? b\?x+… \(software\): aes-256-gcm$/)
    expect(sealing.describe().length).to.be.lessThan(80)
  })

  it('describes many cards in few words too', () => {
    const one: CardPart = {
      info: { name: 'x'.repeat(100), driver: 'sdf', serial: 'y'.repeat(100) },
      ...{ algorithms: ['sm4-ctr', 'hmac-sm3'], chunks: 9_999, lostCode: 'CARD_LOST' },
    }
    const text = describeSealing({ cards: Array<CardPart>(16).fill(one), softwareChunks: 5 })
    expect(text).to.match(
      /^cards (x+… serial y+… \(9999\),? ?){2}and 14 more of 159989 chunks, the others by software \(CARD_LOST\)$/,
    )
    // With a codec, the longest suite and the chaotic layer around it, a manifest has room for it.
    expect(text.length).to.be.lessThan(210)
  })

  it('says of a loss only where nothing is left to seal with', () => {
    const info = { name: 'a', driver: 'sdf', serial: '1' } as const
    const lost: CardPart = { info, algorithms: ['sm4-ctr'], chunks: 0, lostCode: 'CARD_LOST' }
    const left: CardPart = { ...lost, info: { ...info, name: 'b' }, chunks: 3, lostCode: null }
    expect(describeSealing({ cards: [lost, left], softwareChunks: 1 })).to.equal(
      'card b (sdf, serial 1): sm4-ctr; 3 of 4 chunks, the others by software',
    )
  })
})
