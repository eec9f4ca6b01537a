import { expect } from 'chai'
import { closeCards, parseCardAddress } from '@orlop/client-sdk/index'
import { isOrlopError } from '@orlop/protocol/errors'
import { type Logger, silentLogger } from '@orlop/protocol/logger'
import {
  buildSdfFixture,
  canBuildSdfFixture,
  SDF_FIXTURE_NEEDS,
} from '@orlop/crypto/testing/sdf-fixture'
import { type CardConfig, openAgentCards } from './open-agent-cards.ts'

const MISSING = parseCardAddress('sdf:/nowhere/libsdf.so')

// On the machine that decides, nothing is skipped: what is missing fails there.
const decides = process.env['CI'] !== undefined
const canBuild = canBuildSdfFixture()

describe('the agent’s cards', () => {
  const warnings: object[] = []
  const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) }

  const open = (config: Partial<CardConfig>) =>
    openAgentCards(
      { cards: [], cardPolicy: 'preferred', folder: '/', ...config },
      { env: {}, logger },
    )
  const codeOf = (config: Partial<CardConfig>) =>
    open(config).then(
      () => 'opened',
      (error: unknown) => (isOrlopError(error) ? error.code : String(error)),
    )

  beforeEach(() => warnings.splice(0))

  it('are none where none is configured', async () => {
    expect(await open({})).to.deep.equal([])
    expect(warnings).to.deep.equal([])
  })

  it('that cannot be opened do not keep a ship from storing: it is in the log', async () => {
    expect(await open({ cards: [MISSING] })).to.deep.equal([])
    expect(warnings).to.have.length(1)
    expect(warnings[0]).to.have.property('reason').that.includes('/nowhere/libsdf.so')
  })

  const ofDevice = canBuild || decides ? it : it.skip
  ofDevice(
    `that can be opened seal alone${canBuild ? '' : ` (needs: ${SDF_FIXTURE_NEEDS})`}`,
    async () => {
      const device = parseCardAddress(`sdf:${await buildSdfFixture()}?min-bytes=7`)
      const cards = await open({ cards: [MISSING, device], cardPolicy: 'required' })
      expect(cards).to.have.length(1)
      expect(cards[0]).to.include({ minBytes: 7 })
      expect(cards[0]?.card.info()).to.include({ driver: 'sdf' })
      expect(warnings).to.have.length(1)
      await closeCards(cards)
    },
  )

  it('of which one is required are there or the agent does not start', async () => {
    expect(await codeOf({ cards: [MISSING], cardPolicy: 'required' })).to.equal('CARD_UNAVAILABLE')
    expect(await codeOf({ cardPolicy: 'required' })).to.equal('CONFIG_INVALID')
  })

  it('whose PIN cannot be read is a mistake in the configuration, whatever the policy', async () => {
    const unset = parseCardAddress('pkcs11:/nowhere/p11.so?token=x&pin-env=UNSET')
    expect(await codeOf({ cards: [unset] })).to.equal('CONFIG_INVALID')
  })
})
